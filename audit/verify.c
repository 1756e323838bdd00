#include "audit/verify.h"

#include "audit/reclock.h"
#include "audit/redisplaced.h"
#include "audit/rejudge.h"

void verify_done(struct verify *v) {
    fold_done(&v->fold);
    ledger_done(&v->ledger);
    findings_done(&v->findings);
    findings_done(&v->warnings);
    arena_done(&v->arena);
}

/* Whose trailer it is, now that everyone is known; NULL if it is nobody's. */
static const struct member *check_trailer(struct verify *v) {
    const struct bundle_trailer *t = &v->end.trailer;
    const struct member *m = ledger_member(&v->ledger, &t->actor, t->epoch);
    if (!m)
        err_set(findings_at(&v->findings, NULL), ERR_CORRUPT,
                "trailer: nobody here enrolled the actor that made this file");
    else if (!bundle_end_verify(&v->end, &m->sign_key))
        err_set(findings_at(&v->findings, NULL), ERR_CORRUPT,
                "signature: that of the trailer, at the end of the file, does not hold");
    else
        return m;
    v->has_trailer = false;
    return NULL;
}

static int check_records(struct verify *v, struct err *e) {
    int rc = ledger_trust(&v->ledger, e);
    if (rc == 0)
        rc = ledger_chains(&v->ledger, e);
    if (rc != 0)
        return rc;
    const struct member *exporter = v->has_trailer ? check_trailer(v) : NULL;
    v->exporter = exporter;
    rc = fold_all(&v->fold, e);
    if (rc == 0)
        rc = rejudge_all(&v->fold, &v->end.trailer.for_unit, exporter, e);
    if (rc == 0) {
        reclock_warn(&v->fold, &v->warnings);
        redisplaced_warn(&v->fold, &v->warnings);
    }
    if (exporter)
        v->home =
            (struct recontact_home){exporter->unit, exporter->actor, v->end.trailer.exported_at,
                                    v->end.trailer.n_contacts, v->end.trailer.contacts};
    return rc;
}

static int check_deployment(struct verify *v, const struct hash *deployment, struct err *e) {
    if (hash_equal(deployment, &v->ledger.root))
        return check_records(v, e);
    char is[HASH_TEXT], wanted[HASH_TEXT];
    hash_text(deployment, is);
    hash_text(&v->ledger.root, wanted);
    v->has_trailer = false;
    err_set(findings_at(&v->findings, NULL), ERR_CORRUPT,
            "header: the bundle is of deployment %s, and %s was asked for", is, wanted);
    return 0;
}

/* What is off with the file as a whole is told last: a record that is off explains it better. */
static int check_file(struct verify *v, struct slice file, struct err *e) {
    struct bundle_reader r;
    struct err why = {0};
    int rc = bundle_reader_init(file, &r, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0) {
        *findings_at(&v->findings, NULL) = why;
        return 0;
    }
    rc = ledger_load(&v->ledger, &r, e);
    if (rc == 0)
        v->has_trailer = bundle_reader_end(&r, &v->arena, &v->end, &why) == 0;
    if (why.code == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0 && rc != ERR_CORRUPT)
        return rc;
    rc = check_deployment(v, &r.deployment, e);
    if (why.code != 0)
        *findings_at(&v->findings, NULL) = why;
    return rc;
}

int verify_bundle(struct slice file, const struct hash *root, const struct world *world,
                  struct verify *ret_verify, struct err *e) {
    struct verify *v = ret_verify;
    *v = (struct verify){.has_trailer = false};
    arena_init(&v->arena, PAYLOAD_ARENA_BYTES);
    ledger_init(&v->ledger, root, &v->findings);
    v->ledger.world = world;
    fold_init(&v->fold, &v->ledger);
    int rc = check_file(v, file, e);
    if (!v->has_trailer)
        v->ledger.signatures_ok = false;
    if (rc == 0 && (v->findings.failed || v->warnings.failed))
        rc = err_nomem(e);
    return rc;
}
