#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/search.h"

struct item {
    int key, number;
};

static int item_of(const void *key, const void *item) {
    int a = *(const int *)key, b = ((const struct item *)item)->key;
    return (a > b) - (a < b);
}

static void the_first_of_equal_items_is_found_or_where_it_would_stand(void **state) {
    (void)state;
    const struct item list[] = {{2, 0}, {5, 1}, {5, 2}, {5, 3}, {9, 4}};
    const struct {
        int key;
        uint32_t n, want;
    } cases[] = {
        {1, 5, 0},  {2, 5, 0}, {3, 5, 1}, {5, 5, 1}, {6, 5, 4}, {9, 5, 4},
        {10, 5, 5}, {5, 2, 1}, {6, 2, 2}, {5, 1, 1}, {2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(search_first(&cases[i].key, list, cases[i].n, sizeof *list, item_of),
                         cases[i].want);
    assert_int_equal(search_first(&cases[0].key, NULL, 0, sizeof *list, item_of), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_equal_items_is_found_or_where_it_would_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
