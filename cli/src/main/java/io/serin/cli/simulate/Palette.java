package io.serin.cli.simulate;

import io.serin.report.Svg;

/** The colours and letters of the drawings of simulations, which stand in files of their own. */
final class Palette {
  static final String INK = "#1f2933";
  static final String PALE = "#52606d";
  static final String GRID = "#e4e7eb";

  private Palette() {}

  /**
   * The look of a text.
   *
   * @param anchor start, middle or end
   */
  static String text(String anchor, double size, String colour) {
    return "text-anchor=\"%s\" font-size=\"%s\" %s"
        .formatted(anchor, Svg.number(size), Svg.fill(colour));
  }

  static String heading(double size) {
    return "font-weight=\"600\" " + text("start", size, INK);
  }
}
