import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.neo4j.configuration.Config;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.configuration.ssl.ClientAuth;
import org.neo4j.configuration.ssl.SslPolicyConfig;
import org.neo4j.configuration.ssl.SslPolicyScope;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * A Neo4j community server for tests: java Neo4jServer.java DIR PORT [password=WORD] [tls=FOLDER] [settings=FILE]. It answers on loopback until it is killed.
 * The file holds settings by the names that Neo4j's manual has for them. With tls the folder holds server.key and server.crt, and clients may encrypt or not. While it runs, each new line "N KEY=VALUE" in DIR.set changes a setting and is
 * answered by "set N": read-only=true, memory=BYTES of one transaction, 0 without a bound, total=BYTES of all.
 */
class Neo4jServer {
    public static void main(String[] args) throws Exception {
        var address = new SocketAddress("127.0.0.1", Integer.parseInt(args[1]));
        var builder = new DatabaseManagementServiceBuilder(Path.of(args[0]))
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, address)
                .setConfig(BoltConnector.advertised_address, address)
                .setConfig(HttpConnector.enabled, false)
                .setConfig(GraphDatabaseSettings.auth_enabled, true)
                .setConfig(GraphDatabaseSettings.auth_lock_time, Duration.ZERO)
                .setConfig(GraphDatabaseSettings.pagecache_memory, 64L << 20)
                .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false);
        var password = "";
        for (var i = 2; i < args.length; i++) {
            var given = args[i].split("=", 2);
            switch (given[0]) {
                case "password" -> password = given[1];
                case "tls" -> {
                    var policy = SslPolicyConfig.forScope(SslPolicyScope.BOLT);
                    builder.setConfig(policy.enabled, true).setConfig(policy.base_directory, Path.of(given[1])).setConfig(policy.private_key, Path.of("server.key"))
                            .setConfig(policy.public_certificate, Path.of("server.crt")).setConfig(policy.client_auth, ClientAuth.NONE)
                            .setConfig(BoltConnector.encryption_level, BoltConnector.EncryptionLevel.OPTIONAL);
                }
                case "settings" -> builder.loadPropertiesFromFile(Path.of(given[1]));
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        var service = builder.build();
        if (!password.isEmpty()) {
            service.database("system").executeTransactionally("ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
        }
        System.out.println("ready");
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        obey(service, Path.of(args[0] + ".set"));
    }

    /** Changes settings as the file says, for ever. */
    static void obey(DatabaseManagementService service, Path file) throws Exception {
        var config = ((GraphDatabaseAPI) service.database("system")).getDependencyResolver().resolveDependency(Config.class);
        for (var done = 0;; Thread.sleep(50)) {
            var lines = Files.exists(file) ? Files.readAllLines(file) : java.util.List.<String>of();
            for (; done < lines.size(); done++) {
                var line = lines.get(done).split("[ =]");
                switch (line[1]) {
                    case "read-only" -> config.setDynamic(GraphDatabaseSettings.read_only_database_default, Boolean.valueOf(line[2]), "test");
                    case "memory" -> config.setDynamic(GraphDatabaseSettings.memory_transaction_max_size, Long.valueOf(line[2]), "test");
                    case "total" -> config.setDynamic(GraphDatabaseSettings.memory_transaction_global_max_size, Long.valueOf(line[2]), "test");
                    default -> System.out.println("unknown: " + line[1]);
                }
                System.out.println("set " + line[0]);
            }
        }
    }
}
