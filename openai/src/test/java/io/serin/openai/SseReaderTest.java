package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SseReaderTest {

  private final SseReader reader = new SseReader();
  private final Seen seen = new Seen();

  @Test
  void shouldCutAnOpenAiStreamIntoItsEvents() {
    feed("data: {\"a\":1}\n\ndata: [DONE]\n\n");

    assertThat(seen.data).containsExactly("{\"a\":1}", "[DONE]");
    assertThat(seen.done).containsExactly(false, true);
  }

  @Test
  void shouldHandOnAnEventTheMomentItsBlankLineCame() {
    feed("data: x\n");
    assertThat(seen.data).isEmpty();
    assertThat(reader.pending()).isEqualTo(8);

    feed("\n");
    assertThat(seen.data).containsExactly("x");
    assertThat(reader.pending()).isZero();
  }

  @Test
  void shouldReadACharacterThatIsSplitBetweenChunks() {
    byte[] stream = "data: größer 🚀\n\n".getBytes(UTF_8);
    for (byte b : stream) {
      reader.feed(new byte[] {b}, seen);
    }

    assertThat(seen.data).containsExactly("größer 🚀");
  }

  @Test
  void shouldJoinDataLinesByLineFeeds() {
    feed("data: one\ndata\ndata:two\ndata:  three\n\n");

    assertThat(seen.data).containsExactly("one\n\ntwo\n three");
  }

  @Test
  void shouldKnowNamesAndKeepTheLastId() {
    feed("event: a\nid: 7\ndata: x\n\ndata: y\n\nid\ndata: z\n\nid: 8\0\ndata: w\n\n");

    assertThat(seen.names).containsExactly("a", null, null, null);
    assertThat(seen.ids).containsExactly("7", "7", null, null);
  }

  @Test
  void shouldNotDispatchWhatHasNoData() {
    feed("retry: 3000\n\nevent: ping\n\n: comment\n\n\n");

    assertThat(seen.data).isEmpty();
    assertThat(seen.raw()).isEqualTo("retry: 3000\n\nevent: ping\n\n: comment\n\n\n");
  }

  @Test
  void shouldDispatchEmptyData() {
    feed("data\n\ndata:\n\n");

    assertThat(seen.data).containsExactly("", "");
  }

  @Test
  void shouldHandOnAKeepAliveCommentByItsOwnLine() {
    feed(": ping\n");

    assertThat(seen.raw()).isEqualTo(": ping\n");
    assertThat(reader.pending()).isZero();
  }

  @Test
  void shouldReadEveryEndOfLine() {
    feed("data: lf\n\ndata: crlf\r\n\r\ndata: cr\r\rdata: mixed\r\n\n");

    assertThat(seen.data).containsExactly("lf", "crlf", "cr", "mixed");
  }

  @Test
  void shouldKeepALineFeedWithItsCarriageReturnAcrossChunks() {
    feed("data: a\r");
    feed("\n\r");
    assertThat(seen.pieces).isEmpty();

    feed("\ndata: b\r\n\r\n");
    assertThat(seen.pieces).containsExactly("data: a\r\n\r\n", "data: b\r\n\r\n");
  }

  @Test
  void shouldNotWaitForALineFeedWhereLinesEndByCarriageReturnAlone() {
    feed("data: a\r\r");

    assertThat(seen.data).containsExactly("a");
  }

  @Test
  void shouldSkipAByteOrderMarkButPassItOn() {
    feed("\uFEFFdata: a\n\n\uFEFFdata: b\n\n");

    assertThat(seen.data).containsExactly("a");
    assertThat(seen.raw()).isEqualTo("\uFEFFdata: a\n\n\uFEFFdata: b\n\n");
  }

  @Test
  void shouldHandOnWhatTheEndCutAndStartAfresh() {
    feed("data: [DONE]");
    reader.finish(seen);

    assertThat(seen.done).containsExactly(true);
    assertThat(seen.complete).containsExactly(false);
    assertThat(reader.pending()).isZero();

    feed("data: again\n\n");
    assertThat(seen.data).containsExactly("[DONE]", "again");
  }

  @Test
  void shouldPassAnEventOverTheBoundInPartsAndReadTheNextOne() {
    SseReader small = new SseReader(16);
    String stream = "data: " + "x".repeat(100) + "\ndata: y\n\ndata: next\n\n";
    for (int i = 0; i < stream.length(); i += 7) {
      small.feed(stream.substring(i, Math.min(stream.length(), i + 7)).getBytes(UTF_8), seen);
    }

    assertThat(seen.data).containsExactly("next");
    assertThat(seen.raw()).isEqualTo(stream);
    assertThat(small.pending()).isZero();
  }

  @Test
  void shouldHoldNoMoreThanItsBoundAndOneChunk() {
    SseReader small = new SseReader(1000);
    int most = 0;
    for (int i = 0; i < 10_000; i++) {
      small.feed("data: 0123456789".getBytes(UTF_8), seen);
      most = Math.max(most, small.pending());
    }

    assertThat(most).isLessThanOrEqualTo(1000 + 16);
  }

  @Test
  void shouldGoOnAfterASinkThatThrows() {
    byte[] stream = "data: a\n\ndata: b\n\n".getBytes(UTF_8);
    assertThatThrownBy(
            () ->
                reader.feed(
                    stream,
                    event -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");

    reader.feed(new byte[0], seen);
    assertThat(seen.data).containsExactly("b");
  }

  @Test
  void shouldRefuseABoundThatHoldsNoEvent() {
    assertThatThrownBy(() -> new SseReader(15))
        .hasMessage("maxEventBytes is 15, must be at least 16");
  }

  @Test
  void shouldKeepTextOutOfItsDescription() {
    reader.feed(
        "data: secret\n\n".getBytes(UTF_8),
        event -> assertThat(event.toString()).doesNotContain("secret"));
  }

  private void feed(String chunk) {
    reader.feed(chunk.getBytes(UTF_8), seen);
  }

  /** Remembers all that a reader said. */
  static final class Seen implements SseReader.Sink {
    final List<String> data = new ArrayList<>();
    final List<@Nullable String> names = new ArrayList<>();
    final List<@Nullable String> ids = new ArrayList<>();
    final List<Boolean> done = new ArrayList<>();
    final List<Boolean> complete = new ArrayList<>();
    final List<String> pieces = new ArrayList<>();
    final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    public void event(SseEvent event) {
      all.writeBytes(event.rawCopy());
      pieces.add(new String(event.rawCopy(), UTF_8));
      if (event.hasData()) {
        data.add(event.dataText());
        names.add(event.name());
        ids.add(event.id());
        done.add(event.isDone());
        complete.add(event.complete());
      }
    }

    String raw() {
      return all.toString(UTF_8);
    }
  }
}
