package io.serin.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.report.TextTable;
import io.serin.schemas.json.JsonText;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the catalogue of topics. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists the topics that Serin's services meet in.",
    subcommands = AclsCommand.class,
    footer = {"", "Examples:", "  serin topics", "  serin topics --json", "  serin topics acls"})
public final class TopicsCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    String text = json ? asJson() : asText();
    terminal.print(text);
    return 0;
  }

  private static String asText() {
    TextTable table = TextTable.plain("<", "<", "<", "<");
    for (Topic topic : Topics.all()) {
      table.row(
          topic.name(),
          "key " + topic.key().name().toLowerCase(Locale.ROOT),
          kept(topic),
          topic.about());
    }
    return table.text("").stripTrailing();
  }

  private static String asJson() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Topic topic : Topics.all()) {
      ObjectNode node = array.addObject();
      node.put("name", topic.name());
      node.put("key", topic.key().name().toLowerCase(Locale.ROOT));
      node.put("value", topic.value().getFullName());
      node.put("subject", topic.subject());
      node.put("compacted", topic.compacted());
      Duration retention = topic.retention();
      if (retention != null) {
        node.put("retention", retention.toString());
      }
      node.put("about", topic.about());
    }
    return JsonText.line(array);
  }

  private static String kept(Topic topic) {
    Duration retention = topic.retention();
    return topic.compacted()
        ? "compacted"
        : retention == null ? "forever" : retention.toDays() + " d";
  }
}
