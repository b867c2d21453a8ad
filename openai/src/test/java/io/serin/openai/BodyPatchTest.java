package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BodyPatchTest {

  @Test
  void shouldReplaceAddAndRemove() {
    assertThat(apply("{\"a\":1,\"b\":2}", "{\"a\":9,\"b\":null,\"c\":[3]}"))
        .isEqualTo("{\"a\":9,\"c\":[3]}");
  }

  @Test
  void shouldRemoveWithTheRightComma() {
    assertThat(apply("{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":null}")).isEqualTo("{\"b\":2,\"c\":3}");
    assertThat(apply("{\"a\":1 , \"b\":2 , \"c\":3}", "{\"b\":null}"))
        .isEqualTo("{\"a\":1  , \"c\":3}");
    assertThat(apply("{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":null}")).isEqualTo("{\"a\":1,\"b\":2}");
    assertThat(apply("{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":null,\"b\":null}"))
        .isEqualTo("{\"c\":3}");
    assertThat(apply("{\"a\":1}", "{\"a\":null}")).isEqualTo("{}");
    assertThat(apply("{\"a\":1}", "{\"a\":null,\"b\":2}")).isEqualTo("{\"b\":2}");
    assertThat(apply("{}", "{\"a\":null}")).isEqualTo("{}");
    assertThat(apply("{ }", "{\"a\":1}")).isEqualTo("{ \"a\":1}");
  }

  @Test
  void shouldMergeIntoWhatIsThereAndMakeWhatIsNot() {
    assertThat(apply("{\"o\":{\"x\":1}}", "{\"o\":{\"y\":2},\"p\":{\"q\":{\"r\":1,\"s\":null}}}"))
        .isEqualTo("{\"o\":{\"x\":1,\"y\":2},\"p\":{\"q\":{\"r\":1}}}");
    assertThat(apply("{\"o\":7}", "{\"o\":{\"y\":2}}")).isEqualTo("{\"o\":{\"y\":2}}");
    assertThat(apply("{\"o\":{\"x\":1}}", "{\"o\":[]}")).isEqualTo("{\"o\":[]}");
  }

  @Test
  void shouldKeepEveryByteItDoesNotName() {
    String body = "\n { \"n\" : 1.50e3 ,\t\"s\":\"\\u00e4\\/\" , \"a\" : [ 1 , 2 ] } \n";

    assertThat(apply(body, "{\"s\":\"x\"}"))
        .isEqualTo("\n { \"n\" : 1.50e3 ,\t\"s\":\"x\" , \"a\" : [ 1 , 2 ] } \n");
  }

  @Test
  void shouldLetTheLaterPatchCount() {
    BodyPatch both =
        BodyPatch.parse("{\"a\":1,\"o\":{\"x\":1}}")
            .then(BodyPatch.parse("{\"a\":2,\"o\":{\"y\":2}}"));

    assertThat(new String(both.apply("{}".getBytes(UTF_8)), UTF_8))
        .isEqualTo("{\"a\":2,\"o\":{\"x\":1,\"y\":2}}");
  }

  @Test
  void shouldSayWhatAPatchMustBe() {
    assertThatThrownBy(() -> BodyPatch.parse("[1]"))
        .hasMessage("a patch of the body must be a JSON object, but is: [1]");
    assertThatThrownBy(() -> BodyPatch.NONE.then(BodyPatch.model("m")).apply("x".getBytes(UTF_8)))
        .hasMessage("the body is no JSON object");
  }

  @Property(tries = 1000)
  void replacingAModelTwiceGivesTheLaterBodyExactly(@ForAll long seed) {
    Random random = new Random(seed);
    String body = JsonText.object(random, 3, "model");

    String once = apply(body, "{\"model\":\"a\"}");
    String back = apply(apply(once, "{\"model\":\"b\"}"), "{\"model\":\"a\"}");

    assertThat(back).isEqualTo(once);
    assertThat(CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, once.getBytes(UTF_8)).model())
        .isEqualTo("a");
  }

  @Property(tries = 1000)
  void whatIsAddedAndRemovedLeavesNothing(@ForAll long seed) {
    Random random = new Random(seed);
    String body = JsonText.object(random, 3, "model");

    String removed = apply(apply(body, "{\"added\":{\"x\":1}}"), "{\"added\":null}");

    assertThat(removed).isEqualTo(body);
  }

  private static String apply(String body, String patch) {
    return new String(BodyPatch.parse(patch).apply(body.getBytes(UTF_8)), UTF_8);
  }

  /** Random JSON with random spaces. */
  private static final class JsonText {

    static String object(Random random, int depth, String first) {
      StringBuilder out = new StringBuilder();
      object(random, depth, first, out);
      return out.toString();
    }

    private static void object(Random random, int depth, String first, StringBuilder out) {
      out.append('{').append(space(random)).append('"').append(first).append("\":\"m\"");
      for (int i = random.nextInt(4); i > 0; i--) {
        out.append(space(random)).append(',').append(space(random));
        out.append("\"f")
            .append(random.nextInt(100))
            .append("é\"")
            .append(space(random))
            .append(':');
        out.append(space(random));
        value(random, depth - 1, out);
      }
      out.append('}');
    }

    private static void value(Random random, int depth, StringBuilder out) {
      switch (random.nextInt(depth > 0 ? 7 : 5)) {
        case 0 -> out.append(random.nextInt());
        case 1 -> out.append("\"a\\\"b,}{é🚀\"");
        case 2 -> out.append("null");
        case 3 -> out.append("true");
        case 4 -> out.append("-1.5E+3");
        case 5 -> object(random, depth, "k", out);
        default -> {
          out.append('[').append(space(random));
          value(random, depth - 1, out);
          out.append(',');
          value(random, depth - 1, out);
          out.append(space(random)).append(']');
        }
      }
    }

    private static String space(Random random) {
      return random.nextInt(3) == 0 ? " \n\t ".substring(0, 1 + random.nextInt(4)) : "";
    }
  }
}
