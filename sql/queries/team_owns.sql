-- Whether a team owns a package.
-- parameters: team text
-- columns: owns bool
-- shape: one
SELECT EXISTS (SELECT FROM packages WHERE owner = $1) AS owns
