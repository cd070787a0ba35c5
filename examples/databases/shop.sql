-- A table of orders for MySQL and MariaDB: 50,000 rows with the values that exports like to lose.
CREATE TABLE orders (
  id BIGINT UNSIGNED PRIMARY KEY,
  customer VARCHAR(40) CHARACTER SET utf8mb4 NOT NULL,
  amount DECIMAL(30, 6),
  paid TINYINT(1) NOT NULL,
  note TEXT CHARACTER SET utf8mb4,
  fingerprint VARBINARY(16),
  changed DATETIME(6) NOT NULL
);
CREATE TABLE digits (d INT PRIMARY KEY);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO orders
SELECT
  18446744073709551615 - n,
  CONCAT('customer ', n % 997, ' 商店'),
  IF(n % 11 = 0, NULL, 123456789012345678901234.000001 + n),
  n % 2,
  CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'says "no", twice' WHEN 3 THEN 'two\nlines' ELSE '😀' END,
  UNHEX(MD5(n)),
  DATE_ADD('2025-01-01 00:00:00.000001', INTERVAL n * 1000003 MICROSECOND)
FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
      FROM digits a, digits b, digits c, digits e, digits f WHERE f.d < 5) AS numbers;
DROP TABLE digits;
