package io.serin.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The one JSON factory: safe for all threads. Bodies are bounded by who reads them, so strings here
 * are not.
 */
public final class Json {

  /** Nesting that a body may have; OpenAI's own schemas stay far below. */
  public static final int MAX_DEPTH = 500;

  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(MAX_DEPTH)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private Json() {}

  @FunctionalInterface
  public interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  public static byte[] write(Content content) {
    try (ByteArrayBuilder out = new ByteArrayBuilder(256)) {
      try (JsonGenerator json = FACTORY.createGenerator(out)) {
        content.writeTo(json);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }

  public static byte[] string(String text) {
    return write(json -> json.writeString(text));
  }

  public static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    return FACTORY.createParser(bytes, offset, length);
  }
}
