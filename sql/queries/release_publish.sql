-- Publishes releases of different packages together: packages, releases, entry points, changes and audit
-- events. Release number n of the lists returns a row, or is not written because its package takes no
-- releases, belongs to another team or has the version already, its new name is reserved or may not be created, or the contracts
-- of its groups (and of those above them) have another sum of revisions than the one given. Fails with a
-- unique violation when a new name looks like another, or when another transaction publishes one of them at
-- the same moment. Locks: packages by the form of their name, then the registry row; so publishers cannot
-- deadlock.
-- parameters: names text[], display_names text[], versions text[], version_keys bytea[],
--   prereleases int8[], requires_pythons text[], summaries text[], documents text[],
--   digests bytea[], actors text[],
--   entry_positions int8[], entry_groups text[], entry_names text[], entry_values text[],
--   entry_manifests text[], teams text[], may_updates int8[], contract_revisions int8[], may_creates int8[]
-- columns: position int8, epoch text, epoch_number int8, serial int8
-- shape: many
-- writes: yes
WITH input AS MATERIALIZED (
    SELECT i.*, CASE WHEN EXISTS (SELECT FROM reserved_names) -- asked once for all names
                     THEN claim_name(i.name, i.team) END AS claim
      FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $16, $17, $18, $19) WITH ORDINALITY
        AS i (name, display_name, version, version_key, prerelease, requires_python, summary,
              document, digest, actor, team, may_update, contract_revision, may_create,
              position)
     WHERE i.contract_revision =
           CASE WHEN EXISTS (SELECT FROM groups)
                THEN groups_revision(ARRAY(SELECT DISTINCT e.group_name
                                             FROM unnest($11, $12) AS e (position, group_name)
                                            WHERE e.position = i.position))
                ELSE 0 END
), package AS (
    INSERT INTO packages AS p (name, display_name, owner, release_count, shares_form)
    SELECT i.name, i.display_name, i.team, 1, coalesce((i.claim).shares_form, false)
      FROM input i
     WHERE (i.claim).is_free IS NOT FALSE
       AND (i.may_create <> 0 OR 0 < (SELECT count(*) FROM packages o WHERE o.name = i.name))
     ORDER BY lookalike_form(i.name), i.name
    ON CONFLICT (name) DO UPDATE
        SET display_name = excluded.display_name,
            release_count = p.release_count + 1,
            updated_at = now()
      WHERE p.status IN ('active', 'deprecated')
        AND (SELECT i.may_update <> 0 OR i.team = p.owner FROM input i WHERE i.name = p.name)
        AND 0 = (SELECT count(*) -- counted: NOT EXISTS could be planned as a hash of all releases
                   FROM releases r
                  WHERE r.package_id = p.id
                    AND r.version_key = (SELECT i.version_key FROM input i WHERE i.name = p.name))
    RETURNING p.id, p.name
), release AS (
    INSERT INTO releases (package_id, version, version_key, prerelease, requires_python, summary,
                          document, digest, published_by)
    SELECT package.id, i.version, i.version_key, i.prerelease <> 0, i.requires_python, i.summary,
           i.document, i.digest, i.actor
      FROM package JOIN input i ON i.name = package.name
    RETURNING id, package_id
), written AS (
    SELECT i.position, i.name, i.version, i.digest, i.actor, (i.claim).near AS near, release.id, release.package_id
      FROM release
      JOIN package ON package.id = release.package_id
      JOIN input i ON i.name = package.name
), entry AS (
    INSERT INTO entry_points (release_id, group_name, name, value, manifest)
    SELECT w.id, e.group_name, e.name, e.value, e.manifest
      FROM unnest($11, $12, $13, $14, $15) AS e (position, group_name, name, value, manifest)
      JOIN written w ON w.position = e.position
    RETURNING 1
), group_entry AS (
    INSERT INTO group_entries (group_name, package_id, name)
    SELECT e.group_name, w.package_id, e.name
      FROM unnest($11, $12, $13) AS e (position, group_name, name)
      JOIN written w ON w.position = e.position
    ON CONFLICT DO NOTHING
    RETURNING 1
), counted AS ( -- so that the counter row is locked after everything else is written
    SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM group_entry) AS rows
)
SELECT w.position, c.current_epoch AS epoch, c.current_number AS epoch_number, c.new_serial AS serial
  FROM counted, written w,
       record_change('publish', w.name, w.version,
                     ARRAY(SELECT DISTINCT e.group_name
                             FROM unnest($11, $12) AS e (position, group_name)
                            WHERE e.position = w.position AND counted.rows >= 0
                            ORDER BY e.group_name),
                     w.actor, CASE WHEN w.near IS NULL
                                   THEN jsonb_build_object('digest', encode(w.digest, 'hex'))
                                   ELSE jsonb_build_object('digest', encode(w.digest, 'hex'),
                                                           'near_reserved', w.near) END) AS c
