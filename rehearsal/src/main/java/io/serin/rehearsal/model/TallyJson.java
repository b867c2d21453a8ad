package io.serin.rehearsal.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** Writes a tally for {@code GET /admin/stats}. */
final class TallyJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private TallyJson() {}

  static String write(String variant, AnswerTally.Snapshot tally) {
    ObjectNode root = JSON.createObjectNode();
    root.put("variant", variant);
    root.put("answers", tally.answers());
    root.put("bad", tally.bad());
    root.put("sinceFirstBad", tally.sinceFirstBad());
    Instant firstBad = tally.firstBad();
    root.put("firstBad", firstBad == null ? null : firstBad.toString());
    ObjectNode kinds = root.putObject("byKind");
    tally.byKind().forEach(kinds::put);
    return root.toString();
  }
}
