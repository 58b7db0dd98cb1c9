// SPDX-License-Identifier: MIT
// Transactions by hand: what the store does with the COMMIT of one that has failed. PostgreSQL answers it with
// success, and only the tag of the answer says "ROLLBACK".
#include "tests/db/store_probe.h"

#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"

// A reservation without a name fails; whoever did not look would commit.
enum status call_commit_of_failed(struct probe *probe, const json_t *input, json_t *output,
                                  struct error *err) {
    (void)input;
    struct error first = {0};
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(probe->store->pool, &loan, err);
    if (status) {
        return status;
    }
    status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    struct db_call call = {SQL_RESERVED_ADD, .values = {[RESERVED_ADD_NAME] = db_text(NULL),
                                                        [RESERVED_ADD_IS_PREFIX] = db_bool(false),
                                                        [RESERVED_ADD_TEAM] = db_text("acme"),
                                                        [RESERVED_ADD_REASON] = db_text("a test"),
                                                        [RESERVED_ADD_ACTOR] = db_text("tester")}};
    put_bool(output, "failed", db_run(loan.db, &call, NULL, &first) != STATUS_OK);
    return db_run(loan.db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
}
