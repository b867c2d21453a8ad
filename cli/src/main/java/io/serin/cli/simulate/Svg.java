package io.serin.cli.simulate;

import java.util.Locale;

/** A drawing that needs nothing else: shapes and texts, in pixels from the top left. */
final class Svg {
  static final String INK = "#1f2933";
  static final String PALE = "#52606d";
  static final String GRID = "#e4e7eb";

  private final StringBuilder body = new StringBuilder();
  private final double width;
  private final double height;

  Svg(double width, double height) {
    this.width = width;
    this.height = height;
  }

  Svg line(double x1, double y1, double x2, double y2, String colour, double thick, String dash) {
    return raw(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"%s/>",
            x1,
            y1,
            x2,
            y2,
            colour,
            thick,
            dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\""));
  }

  Svg path(String points, String colour, double thick) {
    return raw(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" stroke-linejoin=\"round\"/>",
            points,
            colour,
            thick));
  }

  Svg rectangle(double x, double y, double w, double h, String colour) {
    return raw(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
            x,
            y,
            Math.max(0, w),
            h,
            colour));
  }

  Svg dot(double x, double y, double radius, String colour) {
    return raw(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>",
            x,
            y,
            radius,
            colour));
  }

  /** anchor: start, middle or end. */
  Svg text(double x, double y, String anchor, double size, String colour, String text) {
    return raw(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%.1f\" fill=\"%s\">%s</text>",
            x,
            y,
            anchor,
            size,
            colour,
            escaped(text)));
  }

  Svg heading(double x, double y, double size, String text) {
    return raw(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" font-weight=\"600\" fill=\"%s\">%s</text>",
            x,
            y,
            size,
            INK,
            escaped(text)));
  }

  String document(String title) {
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\""
                + " font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\" role=\"img\">%n",
            width,
            height,
            width,
            height)
        + "<title>"
        + escaped(title)
        + "</title>\n"
        + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        + body
        + "</svg>\n";
  }

  private Svg raw(String element) {
    body.append(element).append('\n');
    return this;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
