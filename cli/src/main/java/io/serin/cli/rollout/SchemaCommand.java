package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import picocli.CommandLine.Command;

/** Prints the JSON Schema of rollout files. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = "Prints the JSON Schema of rollout files, for editors.",
    footer = {
      "",
      "Example:",
      "  serin rollout schema > rollout.schema.json",
      "  and in the file's first line: # yaml-language-server: $schema=rollout.schema.json"
    })
final class SchemaCommand extends ControlCall {

  @Override
  int call(ControlClient client) throws ControlException, InterruptedException {
    JsonNode schema = client.schema();
    print(schema, schema.toPrettyString());
    return 0;
  }
}
