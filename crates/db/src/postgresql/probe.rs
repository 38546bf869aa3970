//! Whether a thing exists, and a fingerprint of everything the catalogue says about its definition.
//!
//! Two steps. First the name is looked up as the server would now, with the session's own `search_path`. Then, in one
//! message, `search_path` is emptied, the definition is read and `search_path` is put back: `pg_get_viewdef`,
//! `format_type` and casts to `regclass` leave out schemas that are on the path, and a fingerprint must not depend on who
//! asks. One message is one transaction, so this is safe behind a transaction pooler, too.

use super::quote::literal;
use super::session::PostgresSession;
use crate::error::DbError;
use shoring_core::{Probe, Target, TargetKind};

pub(super) async fn probe(
    session: &mut PostgresSession,
    target: &Target,
) -> Result<Probe, DbError> {
    let Some(lookup) = lookup(target) else {
        return Ok(Probe::Unknown);
    };
    let rows = session
        .rows(&format!(
            "SELECT found.oid, pg_catalog.current_setting('search_path') FROM ({lookup}) found"
        ))
        .await?;
    let Some(path) = rows.first().map(|row| row.text(1).unwrap_or_default()) else {
        return Ok(Probe::Absent);
    };
    let oids: Vec<String> = rows.iter().filter_map(|row| row.text(0)).collect();
    let definition = definition(target.kind, session.version().major);
    let rows = session
        .rows_of_all(&format!(
            "SELECT pg_catalog.set_config('search_path', '', true);\n\
             SELECT encode(sha256(convert_to(string_agg(d.definition, E'\\n' ORDER BY d.definition), 'UTF8')), 'hex'), bool_and(d.is_valid) \
             FROM ({definition} = ANY ('{{{}}}'::oid[])) d;\n\
             SELECT pg_catalog.set_config('search_path', {}, true)",
            oids.join(","),
            literal(&path)
        ))
        .await?;
    // The first and the last row are those of `set_config`.
    let row = rows.get(1).cloned().unwrap_or_default();
    Ok(match row.text(0) {
        Some(fingerprint) => Probe::Present {
            fingerprint,
            is_valid: row.bool(1) == Some(true),
        },
        // It went away between the two steps.
        None => Probe::Absent,
    })
}

/// The query for the oids a target means; `None` for kinds that PostgreSQL does not have.
fn lookup(target: &Target) -> Option<String> {
    let name = literal(&target.name);
    let in_schema = |visible: &str| match &target.schema {
        Some(schema) => format!("n.nspname = {}", literal(schema)),
        None => visible.to_owned(),
    };
    let relation = |kinds: &str| {
        format!(
            "SELECT c.oid FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relname = {name} AND c.relkind IN ({kinds}) AND {}",
            in_schema("pg_catalog.pg_table_is_visible(c.oid)")
        )
    };
    let routine = |kinds: &str| {
        format!(
            "SELECT p.oid FROM pg_catalog.pg_proc p \
             JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
             WHERE p.proname = {name} AND p.prokind IN ({kinds}) AND {}",
            in_schema("pg_catalog.pg_function_is_visible(p.oid)")
        )
    };
    Some(match target.kind {
        TargetKind::Table => relation("'r', 'p', 'f'"),
        TargetKind::View => relation("'v', 'm'"),
        TargetKind::Sequence => relation("'S'"),
        TargetKind::Index => match &target.table {
            None => relation("'i', 'I'"),
            // An index lives in the schema of its table, which need not be on the path.
            Some(table) => format!(
                "SELECT c.oid FROM pg_catalog.pg_index i \
                 JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                 JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
                 WHERE c.relname = {name} AND t.relname = {} AND {}",
                literal(table),
                in_schema("pg_catalog.pg_table_is_visible(t.oid)")
            ),
        },
        TargetKind::Type => format!(
            "SELECT t.oid FROM pg_catalog.pg_type t \
             JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
             LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid \
             WHERE t.typname = {name} AND coalesce(c.relkind, 'c') = 'c' \
             AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type e WHERE e.typarray = t.oid) AND {}",
            in_schema("pg_catalog.pg_type_is_visible(t.oid)")
        ),
        TargetKind::Function => routine("'f', 'w', 'a'"),
        TargetKind::Procedure => routine("'p'"),
        TargetKind::Trigger => format!(
            "SELECT g.oid FROM pg_catalog.pg_trigger g \
             JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE g.tgname = {name} AND NOT g.tgisinternal{} AND {}",
            target
                .table
                .as_ref()
                .map_or_else(String::new, |table| format!(
                    " AND c.relname = {}",
                    literal(table)
                )),
            in_schema("pg_catalog.pg_table_is_visible(c.oid)")
        ),
        TargetKind::Schema => {
            format!("SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {name}")
        }
        TargetKind::Database => {
            format!("SELECT oid FROM pg_catalog.pg_database WHERE datname = {name}")
        }
        TargetKind::Extension => {
            format!("SELECT oid FROM pg_catalog.pg_extension WHERE extname = {name}")
        }
        TargetKind::Event => return None,
    })
}

/// What every relation has: owner, rights, options, comment, triggers, rules, columns.
fn relation_parts(major: u32) -> String {
    // `attcompression` came with PostgreSQL 14.
    let compression = if major >= 14 {
        ", a.attcompression"
    } else {
        ""
    };
    format!(
        "c.relkind, c.relpersistence, c.relowner::regrole, c.relacl, c.reloptions, \
         (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace), \
         obj_description(c.oid, 'pg_class'), \
         ARRAY(SELECT ROW(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, \
           pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation, a.attstorage, a.attstattarget, a.attoptions, \
           a.attacl, col_description(c.oid, a.attnum){compression})::text \
           FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum), \
         ARRAY(SELECT ROW(pg_get_triggerdef(g.oid), g.tgenabled)::text FROM pg_trigger g \
           WHERE g.tgrelid = c.oid AND NOT g.tgisinternal ORDER BY g.tgname), \
         ARRAY(SELECT ROW(pg_get_ruledef(r.oid), r.ev_enabled)::text FROM pg_rewrite r \
           WHERE r.ev_class = c.oid ORDER BY r.rulename)"
    )
}

/// The head of a query for a definition, up to the oid it is for. `search_path` is empty then, which leaves `pg_catalog`.
fn definition(kind: TargetKind, major: u32) -> String {
    let relation = relation_parts(major);
    match kind {
        TargetKind::Table => format!(
            "SELECT ROW({relation}, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, \
             (SELECT amname FROM pg_am m WHERE m.oid = c.relam), \
             pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), \
             ARRAY(SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno), \
             ARRAY(SELECT ROW(o.conname, pg_get_constraintdef(o.oid), o.convalidated, o.condeferrable, o.condeferred, \
               obj_description(o.oid, 'pg_constraint'))::text FROM pg_constraint o WHERE o.conrelid = c.oid ORDER BY o.conname), \
             ARRAY(SELECT ROW(p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], \
               pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))::text \
               FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY p.polname), \
             ARRAY(SELECT ROW(i.indexrelid::regclass, i.indisclustered, i.indisreplident)::text FROM pg_index i \
               WHERE i.indrelid = c.oid AND (i.indisclustered OR i.indisreplident) ORDER BY i.indexrelid))::text AS definition, \
             true AS is_valid FROM pg_class c WHERE c.oid"
        ),
        TargetKind::View => format!(
            "SELECT ROW({relation}, pg_get_viewdef(c.oid), c.relispopulated)::text AS definition, \
             true AS is_valid FROM pg_class c WHERE c.oid"
        ),
        TargetKind::Sequence => format!(
            "SELECT ROW({relation}, q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcache, q.seqcycle, \
             ARRAY(SELECT ROW(d.refobjid::regclass, d.refobjsubid)::text FROM pg_depend d \
               WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))::text \
             AS definition, true AS is_valid FROM pg_class c JOIN pg_sequence q ON q.seqrelid = c.oid WHERE c.oid"
        ),
        TargetKind::Index => format!(
            "SELECT ROW({relation}, pg_get_indexdef(c.oid), \
             ARRAY(SELECT h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = c.oid))::text AS definition, \
             i.indisvalid AND i.indisready AND i.indislive AS is_valid \
             FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.oid"
        ),
        TargetKind::Type => "SELECT ROW(t.typtype, t.typowner::regrole, t.typacl, t.typnotnull, t.typdefault, \
             CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END, t.typcollation::regcollation, \
             obj_description(t.oid, 'pg_type'), \
             ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder), \
             ARRAY(SELECT ROW(a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation)::text \
               FROM pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped \
               ORDER BY a.attnum), \
             ARRAY(SELECT ROW(o.conname, pg_get_constraintdef(o.oid), o.convalidated)::text FROM pg_constraint o \
               WHERE o.contypid = t.oid ORDER BY o.conname), \
             (SELECT r.rngsubtype::regtype FROM pg_range r WHERE r.rngtypid = t.oid))::text AS definition, \
             true AS is_valid FROM pg_type t WHERE t.oid"
            .to_owned(),
        // `pg_get_functiondef` refuses aggregates.
        TargetKind::Function | TargetKind::Procedure => {
            "SELECT ROW(p.prokind, p.proowner::regrole, p.proacl, obj_description(p.oid, 'pg_proc'), \
             p.oid::regprocedure, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END)::text AS definition, \
             true AS is_valid FROM pg_proc p WHERE p.oid"
                .to_owned()
        }
        TargetKind::Trigger => {
            "SELECT ROW(pg_get_triggerdef(g.oid), g.tgenabled, obj_description(g.oid, 'pg_trigger'))::text AS definition, \
             true AS is_valid FROM pg_trigger g WHERE g.oid"
                .to_owned()
        }
        TargetKind::Schema => {
            "SELECT ROW(n.nspname, n.nspowner::regrole, n.nspacl, obj_description(n.oid, 'pg_namespace'))::text AS definition, \
             true AS is_valid FROM pg_namespace n WHERE n.oid"
                .to_owned()
        }
        TargetKind::Database => {
            "SELECT ROW(b.datname, b.datdba::regrole, b.datacl, b.datconnlimit, b.datallowconn, b.datistemplate, \
             shobj_description(b.oid, 'pg_database'), \
             ARRAY(SELECT ROW(s.setrole, s.setconfig)::text FROM pg_db_role_setting s \
               WHERE s.setdatabase = b.oid ORDER BY s.setrole))::text AS definition, \
             b.datallowconn OR b.datistemplate AS is_valid FROM pg_database b WHERE b.oid"
                .to_owned()
        }
        TargetKind::Extension | TargetKind::Event => {
            "SELECT ROW(x.extname, x.extversion, x.extnamespace::regnamespace, x.extowner::regrole)::text AS definition, \
             true AS is_valid FROM pg_extension x WHERE x.oid"
                .to_owned()
        }
    }
}
