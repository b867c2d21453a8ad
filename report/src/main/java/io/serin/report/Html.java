package io.serin.report;

/** A page that loads nothing and runs nothing; what is appended as text is escaped. */
public final class Html {
  private final StringBuilder page = new StringBuilder();

  private Html() {}

  /** A page with a title and a style sheet of its own; its body is open. */
  public static Html page(String title, String style) {
    return new Html()
        .raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        .element("title", "", title)
        .raw("\n<style>\n" + style + "</style></head><body>\n");
  }

  /** Markup as it stands. */
  public Html raw(String markup) {
    page.append(markup);
    return this;
  }

  /** Text between markup. */
  public Html text(String text) {
    return raw(escape(text));
  }

  /**
   * An element that holds text.
   *
   * @param attributes such as {@code class='n'}, or empty
   */
  public Html element(String name, String attributes, String text) {
    return raw("<" + name + (attributes.isEmpty() ? "" : " " + attributes) + ">")
        .text(text)
        .raw("</" + name + ">");
  }

  /** The whole page. */
  public String close() {
    return raw("</body></html>\n").page.toString();
  }

  /** Text as it may stand in HTML and SVG, attributes included. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&quot;");
  }
}
