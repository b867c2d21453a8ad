package io.serin.report;

import java.util.Locale;

/**
 * A drawing: shapes and texts, in pixels from the top left. Each shape takes the attributes that
 * give it its looks, a class of the page or colours of its own, such as {@code class="grid"}.
 */
public final class Svg {
  private final StringBuilder body = new StringBuilder();
  private final double width;
  private final double height;

  public Svg(double width, double height) {
    this.width = width;
    this.height = height;
  }

  /** The attribute of a class of the page. */
  public static String css(String name) {
    return "class=\"" + name + "\"";
  }

  /** The attributes of a coloured stroke. */
  public static String stroke(String colour, double thick) {
    return "stroke=\"" + colour + "\" stroke-width=\"" + number(thick) + "\"";
  }

  /** The attribute of a filled shape. */
  public static String fill(String colour) {
    return "fill=\"" + colour + "\"";
  }

  public Svg line(String look, double x1, double y1, double x2, double y2) {
    return shape("line", look, "", "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }

  /** A line that shows a text when pointed at. */
  public Svg line(String look, double x1, double y1, double x2, double y2, String title) {
    return shape("line", look, title, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }

  public Svg rectangle(String look, double x, double y, double wide, double high) {
    return rectangle(look, x, y, wide, high, "");
  }

  /** A rectangle that shows a text when pointed at. */
  public Svg rectangle(String look, double x, double y, double wide, double high, String title) {
    return shape("rect", look, title, "x", x, "y", y, "width", Math.max(0, wide), "height", high);
  }

  public Svg dot(String look, double x, double y, double radius) {
    return shape("circle", look, "", "cx", x, "cy", y, "r", radius);
  }

  /**
   * A path.
   *
   * @param commands as in {@code M0 1 L2 3}
   */
  public Svg path(String look, CharSequence commands) {
    return raw("<path " + look + " d=\"" + commands + "\"/>");
  }

  /** Text that begins at a point, unless the look anchors it elsewhere. */
  public Svg text(String look, double x, double y, String text) {
    return raw("<text " + look + at("x", x) + at("y", y) + ">" + Html.escape(text) + "</text>");
  }

  /** Begins a group with a look, and a text when pointed at. */
  public Svg group(String look, String title) {
    return raw("<g " + look + ">" + title(title));
  }

  public Svg endGroup() {
    return raw("</g>");
  }

  /** The drawing as a part of a page, which gives its classes their colours. */
  public String inline(String label) {
    return document("role=\"img\" aria-label=\"" + Html.escape(label) + "\"", "");
  }

  /** The drawing as a file of its own, on white. */
  public String document(String title) {
    return document(
        "xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" font-size=\"12\""
            + " font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\"",
        title(title) + "\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
  }

  private String document(String attributes, String first) {
    String size = number(width) + " " + number(height);
    return "<svg viewBox=\"0 0 "
        + size
        + "\" width=\""
        + number(width)
        + "\" height=\""
        + number(height)
        + "\" "
        + attributes
        + ">\n"
        + first
        + body
        + "</svg>\n";
  }

  private Svg shape(String name, String look, String title, Object... namesAndNumbers) {
    StringBuilder element = new StringBuilder("<" + name + " " + look);
    for (int i = 0; i < namesAndNumbers.length; i += 2) {
      element.append(at(String.valueOf(namesAndNumbers[i]), (double) namesAndNumbers[i + 1]));
    }
    return raw(element + (title.isEmpty() ? "/>" : ">" + title(title) + "</" + name + ">"));
  }

  private Svg raw(String element) {
    body.append(element).append('\n');
    return this;
  }

  private static String title(String title) {
    return title.isEmpty() ? "" : "<title>" + Html.escape(title) + "</title>";
  }

  private static String at(String name, double value) {
    return " " + name + "=\"" + number(value) + "\"";
  }

  /** A coordinate, to a tenth of a pixel. */
  public static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
