package io.serin.schemas.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTextTest {

  private record Figures(
      Instant at, Duration took, double mean, @Nullable Double error, EventKind kind) {}

  @Test
  void shouldWriteARecordByItsComponents() {
    Figures figures =
        new Figures(
            Instant.parse("2026-01-01T00:00:00Z"),
            Duration.ofMillis(1_500),
            0.25,
            null,
            EventKind.FLAGGED);

    assertThat(JsonText.line(figures))
        .isEqualTo(
            """
            {"at":"2026-01-01T00:00:00Z","took":1500,"mean":0.25,"error":null,"kind":"FLAGGED"}""");
  }

  @Test
  void shouldWriteNullForANumberThatIsNotFinite() {
    double[] unknown = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

    for (double value : unknown) {
      assertThat(JsonText.line(Map.of("value", value))).isEqualTo("{\"value\":null}");
      assertThat(JsonText.line(JsonText.object().putPOJO("value", value)))
          .isEqualTo("{\"value\":null}");
    }
  }

  @Test
  void shouldWriteTheNamedFieldsOfAnAvroRecordWithSortedMaps() {
    RolloutEvent event = new RolloutEvent();
    event.setAt(Instant.EPOCH);
    event.setKind(EventKind.PROMOTED);
    Map<String, String> details = new LinkedHashMap<>();
    details.put("metric", "tokens");
    details.put("candidate", "b");
    event.setDetails(details);

    assertThat(JsonText.line(JsonText.fields(event, "kind", "at", "details")))
        .isEqualTo(
            """
            {"kind":"PROMOTED","at":"1970-01-01T00:00:00Z","details":{"candidate":"b","metric":"tokens"}}""");
  }
}
