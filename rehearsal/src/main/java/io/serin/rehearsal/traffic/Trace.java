package io.serin.rehearsal.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Recorded arrivals, sorted by time, the first at 0. Two formats are read, gzipped or not: the CSV
 * of the Azure LLM traces ({@code TIMESTAMP,ContextTokens,GeneratedTokens}) and the JSON lines of
 * the Mooncake traces ({@code timestamp} in milliseconds, {@code input_length}, {@code
 * output_length}).
 */
public record Trace(List<Arrival> arrivals) {

  /**
   * One recorded request.
   *
   * @param offsetNanos since the first request
   */
  public record Arrival(long offsetNanos, long inputTokens, long outputTokens) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter();
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);
  private static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

  public Trace {
    arrivals = List.copyOf(arrivals);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException where a line is not what it should be: names file, line, field
   *     and value
   * @throws IOException where the file cannot be read
   */
  public static Trace read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in);
    }
  }

  static Trace read(String name, InputStream in) throws IOException {
    BufferedInputStream raw = new BufferedInputStream(in);
    raw.mark(2);
    boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                gzipped ? new GZIPInputStream(raw) : raw, StandardCharsets.UTF_8));
    List<Arrival> arrivals = new ArrayList<>();
    boolean csv = false;
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String where = name + ":" + number;
      if (number == 1 && line.startsWith("TIMESTAMP")) {
        if (!line.strip().equals(HEADER)) {
          throw new IllegalArgumentException(
              where + ": header '" + line.strip() + "' must be " + HEADER);
        }
        csv = true;
      } else if (!line.isBlank()) {
        arrivals.add(csv ? azure(where, line.strip()) : mooncake(where, line));
      }
    }
    if (arrivals.isEmpty()) {
      throw new IllegalArgumentException(name + ": holds no request");
    }
    arrivals.sort(Comparator.comparingLong(Arrival::offsetNanos));
    long first = arrivals.getFirst().offsetNanos();
    arrivals.replaceAll(
        at -> new Arrival(at.offsetNanos() - first, at.inputTokens(), at.outputTokens()));
    return new Trace(arrivals);
  }

  private static Arrival azure(String where, String line) {
    String[] fields = line.split(",", -1);
    if (fields.length != 3) {
      throw new IllegalArgumentException(
          where + ": '" + line + "' must have three fields, " + HEADER);
    }
    try {
      LocalDateTime at = LocalDateTime.parse(fields[0], TIMESTAMP);
      long nanos = ChronoUnit.NANOS.between(EPOCH, at);
      return new Arrival(
          nanos,
          tokens(where, "ContextTokens", fields[1]),
          tokens(where, "GeneratedTokens", fields[2]));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          where + ": TIMESTAMP '" + fields[0] + "' must be like 2023-11-16 18:15:46.6805900", e);
    }
  }

  private static long tokens(String where, String field, String text) {
    if (!text.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          where + ": " + field + " '" + text + "' must be a whole number of at least 0");
    }
    return Long.parseLong(text);
  }

  private static Arrival mooncake(String where, String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where + ": is neither JSON nor the header " + HEADER, e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          where + ": must be a JSON object, or the header " + HEADER);
    }
    return new Arrival(
        Math.round(number(where, node, "timestamp") * 1e6),
        Math.round(number(where, node, "input_length")),
        Math.round(number(where, node, "output_length")));
  }

  private static double number(String where, JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null
        || !value.isNumber()
        || value.doubleValue() < 0
        || value.doubleValue() > 1e12) {
      throw new IllegalArgumentException(
          where
              + ": "
              + field
              + " "
              + (value == null ? "is missing" : "'" + value + "'")
              + ", must be a number of at least 0");
    }
    return value.doubleValue();
  }
}
