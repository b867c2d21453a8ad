package io.serin.cli.simulate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Recorded values, one a line: a column of a CSV file with a header, or a field of JSON lines (of a
 * text its length); gzip where the name ends in .gz. Values that are not positive are left out.
 */
final class Values {
  private Values() {}

  /**
   * Reads them in the order of the file.
   *
   * @param field of each record
   * @throws IllegalArgumentException where there is no such field or no number in it
   */
  static List<Double> read(Path file, String field) throws IOException {
    String name = file.toString().replaceFirst("\\.gz$", "");
    try (BufferedReader lines = open(file)) {
      return name.endsWith(".csv") ? csv(lines, field) : json(lines, field);
    }
  }

  /** Text of a file, which is unzipped where its name ends with .gz. */
  static BufferedReader open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static List<Double> csv(BufferedReader lines, String field) throws IOException {
    String header = lines.readLine();
    List<String> columns = header == null ? List.of() : Arrays.asList(header.strip().split(","));
    int column = columns.indexOf(field);
    if (column < 0) {
      throw new IllegalArgumentException(
          "--field is \"" + field + "\": it must be one of the columns " + columns);
    }
    List<Double> values = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] cells = line.split(",", -1);
      if (cells.length > column) {
        keep(values, number(cells[column].strip(), field));
      }
    }
    return values;
  }

  private static double number(String text, String field) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--field is \"" + field + "\": it must hold numbers, not \"" + text + "\"", e);
    }
  }

  private static List<Double> json(BufferedReader lines, String field) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Double> values = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode node = mapper.readTree(line).path(field);
      if (!node.isNumber() && !node.isTextual()) {
        throw new IllegalArgumentException(
            "--field is \"" + field + "\": it must name a number or a text of every line");
      }
      keep(values, node.isNumber() ? node.asDouble() : node.asText().length());
    }
    return values;
  }

  private static void keep(List<Double> values, double value) {
    if (value > 0) {
      values.add(value);
    }
  }
}
