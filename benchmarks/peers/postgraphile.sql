-- What PostGraphile is shown: the programmes' own table under its own row security, and one write.
CREATE SCHEMA peer AUTHORIZATION benefits_owner;
GRANT USAGE ON SCHEMA peer TO benefits_app;
CREATE VIEW peer.programmes WITH (security_invoker) AS SELECT * FROM benefits.programmes;
COMMENT ON VIEW peer.programmes IS '@name programmes
@primaryKey id';
GRANT SELECT ON peer.programmes TO benefits_app;
CREATE TABLE peer.idempotency_keys (
  tenant_id integer NOT NULL, key text NOT NULL, answer jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, key)
);
CREATE TABLE peer.audit (
  tenant_id integer NOT NULL, id uuid NOT NULL DEFAULT uuidv7(), at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL, action text NOT NULL, object text NOT NULL, leaf bytea NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE peer.idempotency_keys IS '@behavior -*';
COMMENT ON TABLE peer.audit IS '@behavior -*';
ALTER TABLE peer.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE peer.audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON peer.idempotency_keys USING (tenant_id = platform.tenant());
CREATE POLICY tenant ON peer.audit USING (tenant_id = platform.tenant());
GRANT SELECT, INSERT ON peer.idempotency_keys, peer.audit TO benefits_app;
CREATE FUNCTION peer.publish_programme(the_id uuid, the_key text) RETURNS peer.programmes
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  changed peer.programmes;
  earlier jsonb;
  tenant integer := platform.tenant();
BEGIN
  SELECT answer INTO earlier FROM peer.idempotency_keys WHERE tenant_id = tenant AND key = the_key;
  IF FOUND THEN
    RETURN jsonb_populate_record(NULL::peer.programmes, earlier);
  END IF;
  PERFORM 1 FROM benefits.programmes
    WHERE tenant_id = tenant AND id = the_id AND state = 'draft' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not a draft' USING errcode = 'P0002';
  END IF;
  UPDATE benefits.programmes SET state = 'published', version = version + 1
    WHERE tenant_id = tenant AND id = the_id RETURNING * INTO changed;
  INSERT INTO peer.audit (tenant_id, actor, action, object, leaf)
    VALUES (tenant, current_setting('app.actor'), 'benefits.programme.publish', the_id::text,
            sha256(convert_to(the_id::text || the_key, 'UTF8')));
  INSERT INTO benefits.outbox (tenant_id, type, subject_id, data, occurred_at)
    VALUES (tenant, 'benefits.programme.published.v1', the_id,
            jsonb_build_object('code', changed.code, 'fiscal_year', changed.fiscal_year,
              'amount_per_household_yen', changed.amount_per_household_yen), now());
  INSERT INTO peer.idempotency_keys (tenant_id, key, answer)
    VALUES (tenant, the_key, to_jsonb(changed));
  RETURN changed;
END
$$;
GRANT EXECUTE ON FUNCTION peer.publish_programme TO benefits_app;
