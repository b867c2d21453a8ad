package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whatever the stream and wherever it is split, the reader gives what the standard's own algorithm
 * gives for the whole.
 */
class SseReaderPropertyTest {

  private static final String[] ENDS = {"\n", "\r", "\r\n"};
  private static final String[] LINES = {
    "data: hello",
    "data:",
    "data",
    "data: ä🚀€",
    "data:  two",
    "event: ping",
    "event:",
    "id: 1",
    "id",
    ": comment",
    ":",
    "retry: 5",
    "unknown: x",
    "datas: x",
    "",
    "",
    "",
    "data: [DONE]",
    "x",
    "\uFEFFdata: bom",
    "data: a:b: c"
  };

  @Property(tries = 3000)
  void everySplitGivesTheSameEvents(@ForAll long seed) {
    Random random = new Random(seed);
    String stream = stream(random);
    SseReaderTest.Seen seen = new SseReaderTest.Seen();
    SseReader reader = new SseReader();

    split(random, stream.getBytes(UTF_8), reader, seen);
    reader.finish(seen);

    assertThat(seen.raw()).isEqualTo(stream);
    List<String> whole = new ArrayList<>();
    for (int i = 0; i < seen.data.size(); i++) {
      if (seen.complete.get(i)) {
        whole.add(seen.names.get(i) + "|" + seen.ids.get(i) + "|" + seen.data.get(i));
      }
    }
    assertThat(whole).isEqualTo(byTheStandard(stream));
  }

  @Property(tries = 2000)
  void everyByteComesOutWhateverTheBound(@ForAll long seed) {
    Random random = new Random(seed);
    String stream =
        stream(random) + "data: " + "y".repeat(random.nextInt(60)) + "\n\n" + stream(random);
    SseReaderTest.Seen seen = new SseReaderTest.Seen();
    SseReader reader = new SseReader(16 + random.nextInt(30));

    split(random, stream.getBytes(UTF_8), reader, seen);
    reader.finish(seen);

    assertThat(seen.raw()).isEqualTo(stream);
    assertThat(byTheStandard(stream)).hasSizeGreaterThanOrEqualTo(complete(seen));
  }

  private static int complete(SseReaderTest.Seen seen) {
    return (int) seen.complete.stream().filter(c -> c).count();
  }

  private static String stream(Random random) {
    StringBuilder stream = new StringBuilder();
    int lines = random.nextInt(25);
    String usual = ENDS[random.nextInt(3)];
    for (int i = 0; i < lines; i++) {
      stream.append(LINES[random.nextInt(LINES.length)]);
      stream.append(random.nextInt(8) == 0 ? ENDS[random.nextInt(3)] : usual);
    }
    if (random.nextBoolean()) {
      stream.append("data: unfinished");
    }
    return stream.toString();
  }

  private static void split(Random random, byte[] bytes, SseReader reader, SseReader.Sink sink) {
    int at = 0;
    int most = 1 + random.nextInt(20);
    while (at < bytes.length) {
      int length = Math.min(bytes.length - at, random.nextInt(most + 1));
      reader.feed(bytes, at, length, sink);
      at += length;
    }
  }

  /** The standard's algorithm over the whole stream: "name|id|data" of each event dispatched. */
  private static List<String> byTheStandard(String stream) {
    List<String> events = new ArrayList<>();
    String text = stream.startsWith("\uFEFF") ? stream.substring(1) : stream;
    List<String> lines = new ArrayList<>(List.of(text.split("\r\n|\n|\r", -1)));
    lines.removeLast();
    StringBuilder data = new StringBuilder();
    String name = null;
    String id = null;
    for (String line : lines) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          events.add(name + "|" + id + "|" + data.substring(0, data.length() - 1));
        }
        data.setLength(0);
        name = null;
        continue;
      }
      int colon = line.indexOf(':');
      if (colon == 0) {
        continue;
      }
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (field) {
        case "data" -> data.append(value).append('\n');
        case "event" -> name = value.isEmpty() ? null : value;
        case "id" -> id = value.isEmpty() ? null : value;
        default -> {}
      }
    }
    return events;
  }
}
