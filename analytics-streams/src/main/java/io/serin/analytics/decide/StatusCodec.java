package io.serin.analytics.decide;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.serin.analytics.controller.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keeps the policy's state as bytes: the status as JSON, a cell as its longs. Thread-safe. */
final class StatusCodec {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
          .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private StatusCodec() {}

  static byte[] write(Status status) {
    try {
      return MAPPER.writeValueAsBytes(status);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Status read(byte[] bytes) {
    try {
      return MAPPER.readValue(bytes, Status.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String toText(Status status) {
    return new String(write(status), StandardCharsets.UTF_8);
  }

  static Status fromText(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] writeCell(long[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  static long[] readCell(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long[] values = new long[bytes.length / Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = buffer.getLong();
    }
    return values;
  }
}
