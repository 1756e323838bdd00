/*
 * The language of messages, and where their catalogues lie; the first thing that every program
 * does.
 */
#ifndef PROTO_LANGUAGE_H
#define PROTO_LANGUAGE_H

/*
 * The folder of the catalogues that came with this program: where they lie is counted from where it
 * lies, in an installation as in the folder of a build. Static, good for the life of the program.
 */
const char *language_catalogues(void);

/*
 * Choose the language of messages: `--lang vi|en` among the `argc` words of `argv`, else LC_ALL,
 * LC_MESSAGES or LANG (the first that is set) beginning with `en`, else Vietnamese. The catalogue
 * `thidua` is looked for in `catalogues`. No locale need be installed.
 */
void language_choose(int argc, char *const *argv, const char *catalogues);

#endif
