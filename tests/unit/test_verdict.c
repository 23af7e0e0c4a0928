// SPDX-License-Identifier: GPL-2.0-or-later
// How a program ended, read off the serial text.
#include "verdict.h"
#include <string.h>

static verdict_t after(const char *text)
{
    verdict_t v;
    verdict_init(&v);
    for (; *text; text++)
        verdict_feed(&v, *text);
    return v;
}

static void check(const char *text, bool finished, bool failed)
{
    verdict_t v = after(text);
    g_assert_cmpint(v.finished, ==, finished);
    g_assert_cmpint(v.failed, ==, failed);
    verdict_clear(&v);
}

static void test_clean_end(void)
{
    check("hello\r\nAdder 1 on pyboard\r\nType \"help()\" for more information.\r\n>>> ", true, false);
}

static void test_still_running(void) { check("hello\r\n>>>", false, false); }

static void test_prompt_in_text(void) { check("print >>> here\r\n", false, false); }

static void test_traceback(void)
{
    check("Traceback (most recent call last):\r\n  File \"main.py\", line 1, in <module>\r\n"
          "ZeroDivisionError: divide by zero\r\nAdder 1\r\nType \"help()\" for more\r\n>>> ",
          true, true);
}

static void test_survived_traceback(void)
{
    check("Traceback (most recent call last):\r\n  File \"main.py\", line 1, in <module>\r\n"
          "OSError: 5\r\nwent on\r\nAdder 1\r\n>>> ",
          true, false);
}

static void test_traceback_at_prompt(void)
{
    // Later tracebacks are the user's, not the program's.
    check(">>> 1/0\r\nTraceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\n"
          "ZeroDivisionError: x\r\n>>> ",
          true, false);
}

static void test_endless_line(void)
{
    verdict_t v;
    verdict_init(&v);
    for (int i = 0; i < 1000000; i++)
        verdict_feed(&v, 'x');
    g_assert_cmpuint(v.line->len, <=, 4096);
    for (const char *s = "\n>>> "; *s; s++)
        verdict_feed(&v, *s);
    g_assert_true(v.finished);
    verdict_clear(&v);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/verdict/clean-end", test_clean_end);
    g_test_add_func("/verdict/still-running", test_still_running);
    g_test_add_func("/verdict/prompt-in-text", test_prompt_in_text);
    g_test_add_func("/verdict/traceback", test_traceback);
    g_test_add_func("/verdict/survived-traceback", test_survived_traceback);
    g_test_add_func("/verdict/traceback-at-prompt", test_traceback_at_prompt);
    g_test_add_func("/verdict/endless-line", test_endless_line);
    return g_test_run();
}
