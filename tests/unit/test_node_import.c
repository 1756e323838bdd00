#include "tests/unit/node_world.h"

static bool says(struct node_world *w, const char *want) {
    return strstr(nw_out(w), want) != NULL;
}

/* The member `id` of the only subject that `subject show` printed. */
static void id_of(struct node_world *w, const char *code, char out[UID_TEXT]) {
    char line[64];
    (void)snprintf(line, sizeof line, "subject show %s --json", code);
    nw_ok(w, line);
    const char *at = strstr(nw_out(w), "\"id\":\"");
    assert_non_null(at);
    (void)snprintf(out, UID_TEXT, "%s", at + 6);
}

static void a_list_is_taken_and_the_unit_itself_stands_first(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "subject list --json");
    assert_int_equal(strncmp(nw_out(w),
                             "[{\"unit\":\"31633\",\"code\":\"31633\",\"kind\":"
                             "\"collective\",\"class\":null,\"name\":\"Xã An Thạnh 3\"",
                             90),
                     0);
    assert_true(says(w, "\"code\":\"BT\",\"kind\":\"individual\",\"class\":\"cán bộ\",\"name\":"
                        "\"Nguyễn Văn A\",\"leader\":true,\"uniformed\":false"));
    assert_true(says(w, "\"code\":\"007\""));
}

static void the_same_file_again_states_nothing(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "status --json");
    char before[64];
    (void)snprintf(before, sizeof before, "%s", strstr(nw_out(w), "\"pending\""));
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "everything was so already"));
    nw_ok(w, "status --json");
    assert_non_null(strstr(nw_out(w), before));
}

static void ids_stay_with_their_codes_even_after_leaving_the_list(void **state) {
    struct node_world *w = *state;
    char first[UID_TEXT], later[UID_TEXT];
    nw_people(w);
    id_of(w, "BT", first);
    nw_ok(w, "record --subject BT --criterion I1.1 --met");
    nw_write(w, "mã;loại;nhóm;họ và tên;đơn vị\nDU;tập thể;đảng;Đảng ủy;31633\n");
    nw_ok(w, "subject import @ --gone 2");
    assert_non_null(strstr(nw_words(w), "BT is not in the file and leaves the list"));
    nw_refused(w, "subject show BT", "no subject BT");
    nw_ok(w, "score --json");
    assert_true(says(w, "\"strays\":1"));
    nw_people(w);
    id_of(w, "BT", later);
    assert_string_equal(first, later);
    nw_ok(w, "score --json");
    assert_true(says(w, "\"strays\":0"));
}

/* The list that most tests use, with the names of two people exchanged. */
static const char exchanged[] = "code,kind,class,name,unit,leader,uniformed,person\n"
                                "DU,collective,đảng,Đảng ủy,31633,,,\n"
                                "BT,individual,cán bộ,Trần Thị B,31633,yes,no,P1\n"
                                "007,individual,công chức,Nguyễn Văn A,31633,no,no,P2\n";

static void another_name_is_a_change_and_told(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, exchanged);
    nw_ok(w, "subject import @ --dry-run");
    assert_non_null(strstr(nw_words(w), "3 subjects; 0 new, 2 changed, 0 gone"));
    assert_non_null(strstr(nw_words(w), "BT: Nguyễn Văn A → Trần Thị B\n"));
    assert_non_null(strstr(nw_words(w), "007: Trần Thị B → Nguyễn Văn A\n"));
    nw_fill(w);
    nw_ok(w, "submit");
    nw_write(w, exchanged);
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "BT: Nguyễn Văn A → Trần Thị B; 2 values and 1 sealed "
                                        "reports belong to this code"));
    nw_ok(w, "subject import @ --json");
    assert_null(strstr(nw_words(w), "→"));
    assert_string_equal(nw_out(w), "{\"subjects\":3,\"added\":0,\"changed\":0,\"gone\":0,"
                                   "\"renamed\":[],\"left\":[],\"dry_run\":false}\n");
    nw_write(w, "code,kind,class,name,unit,leader,uniformed,person\n"
                "DU,collective,đảng,Đảng ủy,31633,,,\n"
                "BT,individual,cán bộ,Lý Si Tha,31633,yes,no,P1\n");
    nw_ok(w, "subject import @ --dry-run --json");
    assert_string_equal(nw_out(w),
                        "{\"subjects\":2,\"added\":0,\"changed\":1,\"gone\":1,\"renamed\":[{"
                        "\"unit\":\"31633\",\"code\":\"BT\",\"before\":\"Trần Thị B\","
                        "\"after\":\"Lý Si Tha\",\"values\":2,\"reports\":1}],\"left\":[{"
                        "\"unit\":\"31633\",\"code\":\"007\",\"name\":\"Nguyễn Văn A\","
                        "\"values\":1,\"reports\":1}],\"dry_run\":true}\n");
}

static void another_name_without_the_column_person_says_that_the_link_stays(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, "code,kind,class,name,unit\n"
                "DU,collective,đảng,Đảng ủy xã,31633\n"
                "BT,individual,cán bộ,Lý Si Tha,31633\n"
                "007,individual,công chức,Trần Thị B,31633\n");
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "BT: Nguyễn Văn A → Lý Si Tha\n"
                                        "BT stays linked to the same person, for the file has no "
                                        "column person: is it still the same?\n"));
    assert_null(strstr(nw_words(w), "DU stays"));
    assert_null(strstr(nw_words(w), "007 stays"));
    nw_write(w, exchanged);
    nw_ok(w, "subject import @");
    assert_null(strstr(nw_words(w), "stays"));
}

/* A secretary's file of codes and names takes no mark, post or person away. */
static void a_column_that_is_not_there_changes_nothing(void **state) {
    struct node_world *w = *state;
    nw_write(w, "code,kind,class,name,unit,leader,uniformed,person,position,title,from,until\n"
                "BT,individual,cán bộ,Nguyễn Văn A,31633,yes,yes,P1,Bí thư,Bí thư chi bộ,"
                "01/02/2023,31/12/2023\n");
    nw_ok(w, "subject import @");
    nw_write(w, "code,kind,class,name,unit\nBT,individual,cán bộ,Nguyễn Văn A,31633\n");
    nw_ok(w, "subject import @ --json");
    assert_non_null(strstr(nw_words(w), "everything was so already"));
    assert_false(says(w, "fields"));
    nw_ok(w, "subject show BT --json");
    assert_true(says(w, "\"leader\":true,\"uniformed\":true"));
    assert_true(says(w, "Bí thư chi bộ"));
    nw_write(w, "code,kind,class,name,unit,until\nBT,individual,cán bộ,Nguyễn Văn A,31633,"
                "01/01/2023\n");
    nw_refused(w, "subject import @", "has a mistake");
    assert_non_null(strstr(nw_words(w), "the post ends before it begins"));
    nw_write(w, "code,kind,class,name,unit,leader,position\n"
                "BT,individual,công chức,Nguyễn Văn A,31633,,Phó Bí thư\n"
                "31633,collective,xã,Xã An Thạnh 3,31633,,\n");
    nw_ok(w, "subject import @ --dry-run --json");
    assert_non_null(strstr(nw_words(w), "BT: class cán bộ → công chức\n"));
    assert_non_null(strstr(nw_words(w), "BT: leader yes → no\n"));
    assert_non_null(strstr(nw_words(w), "BT: position Bí thư → Phó Bí thư\n"));
    assert_non_null(strstr(nw_words(w), "31633: class – → xã\n"));
    assert_null(strstr(nw_words(w), "uniformed"));
    assert_true(says(w, "\"fields\":[{\"unit\":\"31633\",\"code\":\"BT\",\"field\":\"class\","
                        "\"before\":\"cán bộ\",\"after\":\"công chức\"},"));
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "BT: leader yes → no\n"));
    nw_ok(w, "subject show BT --json");
    assert_true(says(w, "\"leader\":false,\"uniformed\":true"));
}

static void whoever_comes_back_under_another_name_is_told(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "record --subject BT --criterion I1.1 --met");
    nw_write(w, "code,kind,class,name,unit\nDU,collective,đảng,Đảng ủy,31633\n");
    nw_ok(w, "subject import @ --gone 2");
    nw_write(w, exchanged);
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "3 subjects; 2 new, 0 changed, 0 gone"));
    assert_non_null(strstr(nw_words(w), "BT: Nguyễn Văn A → Trần Thị B; 1 values and 0 sealed"));
    assert_non_null(strstr(nw_words(w), "007: Trần Thị B → Nguyễn Văn A\n"));
}

/* A list of 12 people, of whom the first `n` are in the file. */
static void write_long_list(struct node_world *w, unsigned n) {
    char text[2048] = "code,kind,class,name,unit\n";
    for (unsigned i = 0; i < n; i++) {
        size_t at = strlen(text);
        (void)snprintf(text + at, sizeof text - at, "P%u,individual,a,Ông %u,31633\n", i, i);
    }
    nw_write(w, text);
}

static void a_short_file_empties_no_list_in_passing(void **state) {
    struct node_world *w = *state;
    write_long_list(w, 12);
    nw_ok(w, "subject import @");
    write_long_list(w, 5);
    nw_refused(w, "subject import @", "most subjects of unit 31633 are not in");
    nw_refused(w, "subject import @ --dry-run", "say `--gone 7`");
    assert_non_null(strstr(nw_words(w), "P11 is not in the file and leaves the list"));
    nw_refused(w, "subject import @ --gone 6", "--gone says that 6 subjects leave, and 7 are not");
    nw_ok(w, "subject show P11");
    write_long_list(w, 6);
    nw_ok(w, "subject import @");
    write_long_list(w, 12);
    nw_ok(w, "subject import @");
    write_long_list(w, 5);
    nw_ok(w, "subject import @ --gone 7");
    nw_refused(w, "subject show P11", "no subject P11");
}

static void nobody_leaves_in_passing_with_values_that_no_report_has(void **state) {
    static const char one[] = "code,kind,class,name,unit,leader\n"
                              "DU,collective,đảng,Đảng ủy,31633,\n"
                              "BT,individual,cán bộ,Nguyễn Văn A,31633,yes\n";
    struct node_world *w = *state;
    nw_fill(w);
    nw_write(w, one);
    nw_refused(w, "subject import @", "007 is not in");
    nw_ok(w, "submit");
    nw_ok(w, "subject import @");
    assert_non_null(strstr(nw_words(w), "007 is not in the file and leaves the list"));
}

static void a_person_joins_posts_without_telling_the_text(void **state) {
    struct node_world *w = *state;
    nw_write(w, "code,kind,class,name,unit,person\nBT,individual,a,Nguyễn Văn A,31633,079200\n"
                "CT,individual,a,Nguyễn Văn A,AP1,079200\nPB,individual,a,Lê C,31633,P2\n");
    nw_ok(w, "subject import @");
    nw_ok(w, "subject list --json");
    char one[64], two[64];
    const char *at = strstr(strstr(nw_out(w), "\"BT\""), "\"person\":");
    (void)snprintf(one, sizeof one, "%.43s", at);
    assert_non_null(strstr(at + 43, one));
    at = strstr(strstr(nw_out(w), "\"PB\""), "\"person\":");
    (void)snprintf(two, sizeof two, "%.43s", at);
    assert_string_not_equal(one, two);
    assert_null(strstr(nw_out(w), "079200"));
}

static void every_mistake_in_a_list_is_told_and_nothing_is_taken(void **state) {
    static const char bad[] = "code,kind,class,name,unit,leader,from,until\n"
                              "DU,nhóm,a,Đảng ủy,31633,,,\n"
                              "B T,individual,a,,31633,maybe,,\n"
                              "X,individual,a,Ông X,31714,,31/12/2023,2023-02-30\n"
                              "Y,individual,a,Bà Y,31633,,02/01/2023,01/01/2023\n"
                              "Y,individual,a,Bà Y,31633,,,\n"
                              "31633,individual,a,Z,31633,,,\n";
    static const char *const wants[] = {
        "line 2, column 2 (kind)", "line 3, column 1 (code)", "line 3, column 4 (name)",
        "line 3, column 6",        "line 4, column 5 (unit)", "line 4, column 8 (until)",
        "line 5, column 8",        "line 6, column 1 (code)", "line 7, column 1 (code)",
    };
    struct node_world *w = *state;
    nw_write(w, bad);
    nw_refused(w, "subject import @", "mistakes; nothing was changed");
    for (size_t i = 0; i < COUNT(wants); i++)
        if (!strstr(nw_words(w), wants[i]))
            fail_msg("%s is not in\n%s", wants[i], nw_words(w));
    nw_ok(w, "subject list --json");
    assert_null(strstr(nw_out(w), "\"DU\""));
}

static void values_come_in_the_long_form_and_in_the_wide_one(void **state) {
    static const struct {
        const char *name, *file;
    } cases[] = {
        {"long, English", "subject,criterion,value,note\nDU,C1.1,8.5,\nBT,I1.2,na,vì mới\n"},
        {"long, Vietnamese, semicolons",
         "\xef\xbb\xbfđối tượng;tiêu chí;giá trị;ghi chú\nDU;C1.1;8,5;\nBT;I1.2;không áp dụng;vì "
         "mới\n"},
        {"long, letters taken apart", "subject,criterion,value,note\nDU,C1.1,\"8,50\",\n"
                                      "BT,I1.2,kho\xcc\x82ng a\xcc\x81p du\xcc\xa3ng,vì mới\n"},
        {"a note of digits alone", "subject,criterion,value,note\nDU,C1.1,8.5,5\n"
                                   "BT,I1.2,na,12\n"},
        {"with semicolons, a note of digits", "subject;criterion;value;note\nDU;C1.1;8,5;5\n"
                                              "BT;I1.2;na;12\n"},
        {"the unit before the code",
         "subject,criterion,value,note\n31633/DU,C1.1,8.5,\n31633/BT,I1.2,na,vì mới\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct node_world *w = *state;
        nw_people(w);
        nw_write(w, cases[i].file);
        if (nw_run(w, "import @") != 0)
            fail_msg("%s: %s", cases[i].name, nw_words(w));
        nw_ok(w, "score --json");
        assert_true(says(w, "\"empty\":5,"));
        assert_true(says(w, "\"score\":\"8.50\""));
        nw_teardown(state);
        nw_setup(state);
    }
}

static void a_template_filled_in_is_a_wide_sheet(void **state) {
    struct node_world *w = *state;
    char line[160];
    struct buf sheet;
    nw_people(w);
    (void)remove(w->file);
    (void)snprintf(line, sizeof line, "template @");
    nw_ok(w, line);
    buf_init(&sheet);
    assert_int_equal(host_read_file(w->file, 4096, &sheet, &w->e), 0);
    assert_string_equal(buf_cstr(&sheet), "\xef\xbb\xbfsubject,name,C1.1 Văn bản,C1.2 Nền nếp,"
                                          "I1.1 Trách nhiệm,I1.2 Lãnh đạo\r\n"
                                          "31633,Xã An Thạnh 3,,,-,-\r\nDU,Đảng ủy,,,-,-\r\n"
                                          "BT,Nguyễn Văn A,-,-,,\r\n007,Trần Thị B,-,-,,-\r\n");
    buf_done(&sheet);
    nw_refused(w, "template @", "");
    nw_write(w, "subject,name,C1.1 Văn bản,C1.2 gì cũng được,I1.1,I1.2\n31633,x,1,2,-,không áp "
                "dụng\nDU,,3,,-,\n"
                "BT,NGUYEN van A,,,đạt,không đạt\n");
    nw_ok(w, "import @");
    nw_ok(w, "score --json");
    assert_true(says(w, "\"empty\":2,"));
    assert_true(says(w, "\"score\":\"3.00\""));
    (void)remove(w->file);
    nw_ok(w, line);
    assert_int_equal(host_read_file(w->file, 4096, &sheet, &w->e), 0);
    assert_non_null(strstr(buf_cstr(&sheet), "\r\n31633,Xã An Thạnh 3,1,2,-,-\r\n"));
    assert_non_null(strstr(buf_cstr(&sheet), "\r\nBT,Nguyễn Văn A,-,-,met,not met\r\n"));
    buf_done(&sheet);
    nw_ok(w, "import @");
    nw_refused(w, "template @", "");
}

static void every_mistake_in_a_sheet_is_told_and_nothing_is_taken(void **state) {
    static const struct {
        const char *name, *file, *want;
    } cases[] = {
        {"an eaten zero", "subject,criterion,value\n7,I1.1,met\n",
         "column 1 (subject): there is no "
         "subject 7; is it 007"},
        {"an unknown subject", "subject,criterion,value\nZZ,C1.1,1\n", "line 2, column 1"},
        {"an unknown criterion", "subject,criterion,value\nDU,C7,1\n", "line 2, column 2"},
        {"a node of the tree", "subject,criterion,value\nDU,C1,1\n", "each criterion below"},
        {"no number", "subject,criterion,value\nDU,C1.1,8.5.1\n", "line 2, column 3 (value)"},
        {"too much", "subject,criterion,value\nDU,C1.1,11\n", "0 to 10"},
        {"twice", "subject,criterion,value\nDU,C1.1,1\n31633/DU,C1.1,2\n", "first on line 2"},
        {"it is asked of leaders only", "subject,criterion,value\n007,I1.2,met\n",
         "it is asked of leaders only"},
        {"na without a note", "subject,criterion,value\nBT,I1.1,na\n", "needs a note"},
        {"no value column", "subject,criterion,note\nDU,C1.1,x\n", "'value'"},
        {"an unknown column", "subject,criterion,value,extra\nDU,C1.1,1,x\n", "not known here"},
        {"wide, an unknown criterion", "subject,C1.1,C9\nDU,1,2\n", "line 1, column 3 (C9)"},
        {"wide, a row twice", "subject,C1.1\nDU,1\nDU,2\n", "first on line 2"},
        {"wide, a column twice", "subject,C1.1,C1.1\nDU,1,2\n", "C1.1"},
        {"wide, a name of another", "subject,name,I1.1\nBT,Trần Thị B,met\n007,,met\n",
         "line 2, column 2 (name): BT is Nguyễn Văn A here, and this row says Trần Thị B"},
        {"long, a name of another", "subject,name,criterion,value\nBT,Trần Thị B,I1.1,met\n",
         "line 2, column 2 (name)"},
        {"a number cut at its comma", "subject,criterion,value,note\nDU,C1.1,8,5\n",
         "line 2, column 3 (value): the value is 8 and the note only 5: if they are one number, "
         "put "
         "it in quotes, as \"8,5\", or write 8.5, or save the file with semicolons"},
        {"a number cut at its comma, two decimals", "subject,criterion,note,value\nDU,C1.1,25,8\n",
         "as \"8,25\", or write 8.25"},
        {"a number cut at its comma, and a note", "subject,criterion,value,note\nDU,C1.1,8,5,\n",
         "line 2: there are 5 cells where the header has 4: put what holds a comma in quotes"},
        {"wide, a number cut at its comma", "subject,C1.1,C1.2\nDU,8,5,\n",
         "line 2: there are 4 cells where the header has 3"},
        {"two mistakes", "subject,criterion,value\nDU,C1.1,11\nDU,C1.2,12\n", "has 2 mistakes"},
    };
    struct node_world *w = *state;
    nw_people(w);
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 1");
    for (size_t i = 0; i < COUNT(cases); i++) {
        nw_write(w, cases[i].file);
        if (nw_run(w, "import @") != 1 ||
            (!strstr(nw_words(w), cases[i].want) && !strstr(w->text, cases[i].want)))
            fail_msg("%s: %s\n%s", cases[i].name, w->text, nw_words(w));
    }
    nw_ok(w, "score --json");
    assert_true(says(w, "\"empty\":6,"));
}

static void what_does_not_apply_and_why_is_one_cell_of_a_template_that_comes_back(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, "subject,C1.1,C1.2\n31633,Không áp dụng : chưa có: nề nếp,2\n");
    nw_ok(w, "import @");
    nw_write(w, "");
    assert_int_equal(remove(w->file), 0);
    nw_ok(w, "template @");
    nw_ok(w, "import @");
    assert_non_null(strstr(nw_words(w), "0 values"));
    nw_write(w, "subject,C1.1,C1.2\n31633,1,đạt: tốt\n");
    nw_refused(w, "import @", "has a mistake");
}

/* Who empties a cell in the sheet means to take a value back: it is said that this does not. */
static void an_emptied_cell_keeps_its_value_and_that_is_said(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, "subject,C1.1,C1.2\n31633,1,2\n");
    nw_ok(w, "import @");
    assert_null(strstr(nw_words(w), "stays"));
    nw_write(w, "subject,C1.1,C1.2\n31633,,3\nDU,,\n");
    nw_ok(w, "import @");
    assert_non_null(strstr(nw_words(w), ": where a cell is empty, what was recorded before stays: "
                                        "so it is with 1 values; `record --value ''` empties one"));
}

static void another_campaign_s_sheet_is_said_once(void **state) {
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, "subject,X1,X2,X3\nBT,1,2,3\n");
    nw_refused(w, "import @", "has a mistake");
    assert_non_null(strstr(nw_words(w), "none of its 3 criteria is one of campaign thi-dua"));
    nw_write(w, "subject,criterion,value\nBT,X1,1\nBT,X2,1\n");
    nw_refused(w, "import @", "has a mistake");
    assert_non_null(strstr(nw_words(w), "none of its 2 criteria is one of campaign thi-dua"));
}

static void a_dry_run_changes_nothing(void **state) {
    struct node_world *w = *state;
    nw_write(w, nw_subjects);
    nw_ok(w, "subject import @ --dry-run");
    nw_ok(w, "subject list --json");
    assert_null(strstr(nw_out(w), "\"DU\""));
    nw_people(w);
    nw_write(w, nw_values);
    nw_ok(w, "import @ --dry-run");
    nw_ok(w, "score --json");
    assert_true(says(w, "\"empty\":7,"));
}

static void names_go_up_apart_from_the_list(void **state) {
    struct node_world *w = *state;
    struct txn *t;
    struct log_walk walk;
    struct hash id;
    struct record r;
    nw_people(w);
    nw_sync(w);
    assert_int_equal(txn_begin(w->hub.db, false, &t, &w->e), 0);
    log_walk_init(&walk, t, KIND_SUBJECTS, 0);
    assert_true(log_walk_next(&walk, NULL, &id));
    log_walk_done(&walk);
    assert_int_equal(log_get(t, &id, &r, &w->e), 0);
    assert_null(memmem(r.payload.data, r.payload.len, "Nguyễn", strlen("Nguyễn")));
    assert_non_null(memmem(r.payload.data, r.payload.len, "cán bộ", strlen("cán bộ")));
    txn_abort(t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nw_setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_taken_and_the_unit_itself_stands_first),
        TEST(the_same_file_again_states_nothing),
        TEST(ids_stay_with_their_codes_even_after_leaving_the_list),
        TEST(another_name_is_a_change_and_told),
        TEST(another_name_without_the_column_person_says_that_the_link_stays),
        TEST(a_column_that_is_not_there_changes_nothing),
        TEST(whoever_comes_back_under_another_name_is_told),
        TEST(a_short_file_empties_no_list_in_passing),
        TEST(nobody_leaves_in_passing_with_values_that_no_report_has),
        TEST(a_person_joins_posts_without_telling_the_text),
        TEST(every_mistake_in_a_list_is_told_and_nothing_is_taken),
        TEST(values_come_in_the_long_form_and_in_the_wide_one),
        TEST(a_template_filled_in_is_a_wide_sheet),
        TEST(every_mistake_in_a_sheet_is_told_and_nothing_is_taken),
        TEST(an_emptied_cell_keeps_its_value_and_that_is_said),
        TEST(what_does_not_apply_and_why_is_one_cell_of_a_template_that_comes_back),
        TEST(another_campaign_s_sheet_is_said_once),
        TEST(a_dry_run_changes_nothing),
        TEST(names_go_up_apart_from_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
