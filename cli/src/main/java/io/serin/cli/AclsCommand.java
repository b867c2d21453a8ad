package io.serin.cli;

import io.serin.cli.command.Terminal;
import io.serin.schemas.start.Permission;
import io.serin.schemas.start.Service;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints a shell script that grants each service the least it needs. */
@Command(
    name = "acls",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a shell script that grants each service the least that it needs on a Kafka with"
          + " ACLs.",
      "The script calls kafka-acls.sh; docs/security.md explains each line."
    },
    footer = {
      "",
      "Example:",
      "  serin topics acls --router User:router-1 > acls.sh",
      "  KAFKA=kafka:9093 CONFIG=admin.properties bash acls.sh"
    })
final class AclsCommand implements Callable<Integer> {

  @Mixin private Terminal terminal = new Terminal();

  @Option(
      names = "--router",
      paramLabel = "PRINCIPAL",
      description = "Principal of the routers (default ${DEFAULT-VALUE}).")
  private String router = "User:serin-router";

  @Option(
      names = "--worker",
      paramLabel = "PRINCIPAL",
      description = "Principal of the shadow workers (default ${DEFAULT-VALUE}).")
  private String worker = "User:serin-worker";

  @Option(
      names = "--analytics",
      paramLabel = "PRINCIPAL",
      description = "Principal of analytics (default ${DEFAULT-VALUE}).")
  private String analytics = "User:serin-analytics";

  @Override
  public Integer call() {
    PrintWriter out = terminal.out();
    out.println("#!/usr/bin/env bash");
    out.println(
        "# Needs KAFKA=HOST:PORT and CONFIG=FILE, a client configuration that may alter ACLs.");
    out.println("set -euo pipefail");
    out.println(
        "KAFKA_ACLS=(kafka-acls.sh --bootstrap-server \"${KAFKA:?}\" --command-config"
            + " \"${CONFIG:?}\")");
    for (Service service : Service.values()) {
      out.println();
      out.println("# " + service.word());
      for (Permission need : service.needs()) {
        out.println(need.script(principal(service)));
      }
    }
    out.flush();
    return 0;
  }

  private String principal(Service service) {
    String principal =
        switch (service) {
          case ROUTER -> router;
          case WORKER -> worker;
          case ANALYTICS -> analytics;
        };
    if (!principal.matches("[A-Za-z]+:[^'\\s]+")) {
      throw terminal.wrong(
          "--%s: %s is not a principal; write TYPE:NAME, such as User:serin-%s"
              .formatted(service.word(), principal, service.word()));
    }
    return principal;
  }
}
