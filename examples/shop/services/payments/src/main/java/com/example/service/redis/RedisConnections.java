package com.example.service.redis;

import com.example.service.config.RedisAddress;
import com.example.service.payments.StoreUnavailableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Function;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** Connections to Redis, and what to do when one breaks. */
final class RedisConnections implements AutoCloseable {
    // A request should learn within about a second that Redis is away, rather than wait for it.
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int MOST = 32;

    private final JedisPool pool;

    RedisConnections(RedisAddress address) {
        var poolConfig = new JedisPoolConfig();
        poolConfig.setMaxTotal(MOST);
        poolConfig.setMaxIdle(MOST);
        poolConfig.setMaxWait(PATIENCE);
        poolConfig.setJmxEnabled(false);
        JedisClientConfig clientConfig = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis((int) PATIENCE.toMillis())
                .socketTimeoutMillis((int) PATIENCE.toMillis())
                .user(address.user())
                .password(address.password())
                .database(address.database())
                .ssl(address.tls())
                .build();
        pool = new JedisPool(poolConfig, new HostAndPort(address.host(), address.port()), clientConfig);
    }

    <T> T call(Function<Jedis, T> command) {
        try (Jedis jedis = pool.getResource()) {
            return command.apply(jedis);
        } catch (JedisConnectionException e) {
            return callAgain(command, e);
        } catch (JedisException e) {
            throw new StoreUnavailableException(e);
        }
    }

    /**
     * After a restart of Redis every connection in the pool is dead, and one new connection tells whether it is back. A
     * time-out is another matter: whoever is slow gets slower when asked twice.
     */
    private <T> T callAgain(Function<Jedis, T> command, JedisConnectionException failure) {
        if (failure.getCause() instanceof SocketTimeoutException) {
            throw new StoreUnavailableException(failure);
        }
        pool.clear();
        try (Jedis jedis = pool.getResource()) {
            return command.apply(jedis);
        } catch (JedisException e) {
            throw new StoreUnavailableException(e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
