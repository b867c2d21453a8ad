package io.serin.comparison.answer;

/**
 * The structure of a text in Markdown.
 *
 * @param listItems lines that begin with a bullet or a number
 * @param headings lines that begin with #
 * @param bold whether **bold** occurs
 * @param tables lines that begin with |
 * @param codeBlocks blocks between fences
 * @param openFence whether the last fence is never closed: what follows is shown as code
 */
public record Markdown(
    int listItems, int headings, boolean bold, int tables, int codeBlocks, boolean openFence) {

  /** Reads a text, line by line; what stands between fences is code and has no structure. */
  public static Markdown of(String text) {
    int items = 0;
    int headings = 0;
    int tables = 0;
    int fences = 0;
    boolean bold = false;
    int at = 0;
    while (at <= text.length()) {
      int end = text.indexOf('\n', at);
      String line = text.substring(at, end < 0 ? text.length() : end).stripLeading();
      if (line.startsWith("```") || line.startsWith("~~~")) {
        fences++;
      } else if (fences % 2 == 0) {
        items += isItem(line) ? 1 : 0;
        headings += isHeading(line) ? 1 : 0;
        tables += line.startsWith("|") ? 1 : 0;
        bold |= isBold(line);
      }
      at = end < 0 ? text.length() + 1 : end + 1;
    }
    return new Markdown(items, headings, bold, tables, fences / 2, fences % 2 != 0);
  }

  private static boolean isItem(String line) {
    if (line.startsWith("- ") || line.startsWith("* ") || line.startsWith("• ")) {
      return true;
    }
    int at = 0;
    while (at < line.length() && at < 3 && Character.isDigit(line.charAt(at))) {
      at++;
    }
    return at > 0
        && at + 1 < line.length()
        && (line.charAt(at) == '.' || line.charAt(at) == ')')
        && line.charAt(at + 1) == ' ';
  }

  private static boolean isHeading(String line) {
    int at = 0;
    while (at < line.length() && line.charAt(at) == '#') {
      at++;
    }
    return at > 0 && at <= 6 && at < line.length() && line.charAt(at) == ' ';
  }

  private static boolean isBold(String line) {
    int first = line.indexOf("**");
    return first >= 0 && line.indexOf("**", first + 3) > 0;
  }
}
