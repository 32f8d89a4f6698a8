import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.neo4j.configuration.GraphDatabaseInternalSettings;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** A Neo4j community server for tests: java Neo4jServer.java DIR PORT [password=WORD | read-only | memory=BYTES]. It answers on loopback until it is killed. */
class Neo4jServer {
    public static void main(String[] args) throws Exception {
        var given = args.length > 2 ? args[2] : "";
        var address = new SocketAddress("127.0.0.1", Integer.parseInt(args[1]));
        var service = new DatabaseManagementServiceBuilder(Path.of(args[0]))
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, address)
                .setConfig(BoltConnector.advertised_address, address)
                .setConfig(HttpConnector.enabled, false)
                .setConfig(GraphDatabaseSettings.auth_enabled, true)
                .setConfig(GraphDatabaseSettings.auth_lock_time, Duration.ZERO)
                .setConfig(GraphDatabaseSettings.pagecache_memory, 64L << 20)
                .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false)
                .setConfig(GraphDatabaseSettings.read_only_database_default, given.equals("read-only"))
                .setConfig(GraphDatabaseSettings.memory_transaction_max_size, given.startsWith("memory=") ? Long.parseLong(given.substring("memory=".length())) : 0L)
                .build();
        if (given.startsWith("password=")) {
            service.database("system").executeTransactionally("ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                    Map.of("password", given.substring("password=".length())));
        }
        System.out.println("ready");
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        Thread.currentThread().join();
    }
}
