-- Who may do what in the database: one owner, one application and one worker role per schema.
--
-- Run as superuser, connected to the database it is meant for; running it again changes nothing.
-- Passwords are not here: operations sets them afterwards, as SCRAM verifiers.
-- The timeouts are the last defence of one municipality against another's runaway request.

DO $roles$
DECLARE
  house text;
  part text;
BEGIN
  FOREACH part IN ARRAY ARRAY['audit_writer', 'audit_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = part) THEN
      EXECUTE format('CREATE ROLE %I', part);
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', part);
  END LOOP;

  FOREACH house IN ARRAY
    ARRAY['platform', 'audit', 'registry', 'benefits', 'window_dx', 'consultation']
  LOOP
    FOREACH part IN ARRAY ARRAY['_owner', '_app', '_worker'] LOOP
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = house || part) THEN
        EXECUTE format('CREATE ROLE %I', house || part);
      END IF;
      EXECUTE format(
        'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT %s',
        house || part, CASE part WHEN '_owner' THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END);
      EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), house || part);
      -- Inert without Citus; with it, the tenant set by SET LOCAL reaches the shards.
      EXECUTE format('ALTER ROLE %I SET citus.propagate_set_commands = ''local''', house || part);
    END LOOP;

    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', house || '_owner');
    -- Citus: a foreign key to a reference table is created shard by shard.
    EXECUTE format(
      'ALTER ROLE %I SET citus.multi_shard_modify_mode = ''sequential''', house || '_owner');
    FOREACH part IN ARRAY ARRAY['_app', '_worker'] LOOP
      EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5s''', house || part);
      EXECUTE format('ALTER ROLE %I SET lock_timeout = ''1s''', house || part);
      EXECUTE format(
        'ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10s''', house || part);
    END LOOP;

    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', house, house || '_owner');
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', house, house || '_app', house || '_worker');
    -- platform.tenant() stands in every policy, so every role must be able to name it.
    IF house <> 'platform' THEN
      EXECUTE format('GRANT USAGE ON SCHEMA platform TO %I, %I, %I',
        house || '_owner', house || '_app', house || '_worker');
    END IF;
    -- NOINHERIT is the rule of these roles; writing the trail is the one exception, named here.
    EXECUTE format('GRANT audit_writer TO %I WITH INHERIT TRUE, SET FALSE', house || '_app');
  END LOOP;
END
$roles$;

GRANT audit_reader TO platform_app WITH INHERIT TRUE, SET FALSE;
GRANT USAGE ON SCHEMA audit TO audit_writer, audit_reader;
-- The register publishes views to its neighbours; the views' own grants say which columns.
GRANT USAGE ON SCHEMA registry TO benefits_app, window_dx_app, consultation_app;

-- A temporary table can shadow a real one, and `public` belongs to everyone: nobody gets either.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $database$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$database$;

-- A large object has neither tenant nor row security: what is put there belongs to nobody's wall.
DO $objects$
BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    REVOKE EXECUTE ON FUNCTION
      pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)
      FROM PUBLIC;
  END IF;
END
$objects$;

-- Without this the planner may not use a GIN index under row-level security, and a search in the
-- records becomes a scan. Comparing two integer arrays tells nothing about a row it does not return.
DO $leakproof$
BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER FUNCTION pg_catalog.arraycontains(anyarray, anyarray) LEAKPROOF;
  END IF;
END
$leakproof$;

-- On a server that has Citus, tables are distributed by tenant_id as they are made.
DO $citus$
BEGIN
  IF current_setting('shared_preload_libraries') LIKE '%citus%'
    AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  THEN
    CREATE EXTENSION IF NOT EXISTS citus;
  END IF;
END
$citus$;
