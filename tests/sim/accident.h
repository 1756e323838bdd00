/*
 * Accidents that befall a whole directory: it is lost, an old copy takes its place, two copies of
 * it are used in turns, its outbox is made anew.
 */
#ifndef TESTS_SIM_ACCIDENT_H
#define TESTS_SIM_ACCIDENT_H

struct sim;
struct machine;

/* Choose what befalls whom and when, as far as the run was asked for it. */
void accident_plan(struct sim *sim);
/* EVENT_OLD_COPY: what is planned for `m` next. */
void accident_strike(struct sim *sim, struct machine *m);
/* Of two copies in use one is switched off for ever. */
void accident_heal(struct sim *sim);
/* Tell the hub above everything once more, under a new stream. */
void accident_rebuild_outbox(struct sim *sim, struct machine *m);
/* Remove what is left of the directories of `m`. */
void accident_remove(struct machine *m);

#endif
