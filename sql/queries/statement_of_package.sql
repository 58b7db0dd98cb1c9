-- What the registry says of a package, as one line of JSON: its status, its releases and their files, without
-- those that are quarantined. A release without a file has its document instead. One state of the database.
-- parameters: package text
-- columns: statement text
-- shape: optional
SELECT json_build_object(
           'kind', 'registryd-package', 'format', 1, 'epoch', registry.epoch, 'serial',
           (SELECT coalesce(max(c.serial), 0) FROM changes c WHERE c.package = p.name),
           'package', p.name, 'display_name', p.display_name, 'status', p.status,
           'status_reason', p.status_reason, 'replaced_by', p.replaced_by,
           'releases', CASE WHEN p.status = 'quarantined' THEN '[]'::json ELSE coalesce(
               (SELECT json_agg(json_build_object(
                           'version', r.version, 'digest', encode(r.digest, 'hex'),
                           'published_at', rfc3339(r.published_at),
                           'yanked', r.yanked_at IS NOT NULL, 'yanked_reason', r.yanked_reason,
                           'document', CASE WHEN f.files IS NULL THEN r.document::json END,
                           'files', coalesce(f.files, '[]')) ORDER BY r.version_key)
                  FROM releases r,
                       LATERAL (SELECT json_agg(json_build_object(
                                           'filename', a.filename, 'kind', a.kind, 'size', a.size,
                                           'sha256', encode(a.sha256, 'hex'),
                                           'metadata_sha256', encode(a.metadata_sha256, 'hex'),
                                           'requires_python', file_requires_python(a, r),
                                           'uploaded_at', rfc3339(a.uploaded_at))
                                           ORDER BY a.filename) AS files
                                  FROM artifacts a WHERE a.release_id = r.id) f
                 WHERE r.package_id = p.id AND r.state = 'live'), '[]') END)::text AS statement
  FROM packages p, registry
 WHERE p.name = $1
