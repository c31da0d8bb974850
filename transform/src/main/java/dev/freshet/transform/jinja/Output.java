package dev.freshet.transform.jinja;

/** Where a template renders to. */
interface Output {

    void text(String text);

    void value(Object value);
}
