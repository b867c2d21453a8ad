package io.serin.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class SvgTest {
  private final Svg svg = new Svg(100, 50);

  @Test
  void shouldDrawShapesWithTheirLooks() {
    svg.line(Svg.css("grid"), 0, 1.25, 10, 1.25)
        .rectangle(Svg.fill("#fff"), 1, 2, -3, 4)
        .dot("", 5, 6, 1.5)
        .path(Svg.css("rate"), "M0 1 L2 3");

    assertThat(svg.inline("figures"))
        .startsWith("<svg viewBox=\"0 0 100 50\" width=\"100\" height=\"50\"")
        .contains("<line class=\"grid\" x1=\"0\" y1=\"1.3\" x2=\"10\" y2=\"1.3\"/>")
        .as("never wider than nothing")
        .contains("<rect fill=\"#fff\" x=\"1\" y=\"2\" width=\"0\" height=\"4\"/>")
        .contains("cx=\"5\" cy=\"6\" r=\"1.5\"/>")
        .contains("<path class=\"rate\" d=\"M0 1 L2 3\"/>");
  }

  @Test
  void shouldEscapeWhatIsText() throws Exception {
    svg.text("", 1, 2, "a < b & \"c\"")
        .group(Svg.css("worse"), "<title>")
        .endGroup()
        .rectangle("", 1, 2, 3, 4, "R&D");

    String document = svg.document("<script>");

    assertThat(document).contains("a &lt; b &amp; &quot;c&quot;").doesNotContain("<script>");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(document)));
  }

  @Test
  void shouldEscapeWhatIsTextInAPage() {
    String page =
        Html.page("a & b", "b{}")
            .raw("<p>")
            .text("<i>")
            .raw("</p>")
            .element("td", "class='n'", "1 < 2")
            .close();

    assertThat(page)
        .contains("<title>a &amp; b</title>", "<style>\nb{}</style>")
        .contains("<p>&lt;i&gt;</p><td class='n'>1 &lt; 2</td></body></html>");
  }
}
