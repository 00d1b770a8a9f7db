using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Where the Redis of the queues is, from the settings REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_TLS and REDIS_QUEUE_DB: the
/// same that the pub/sub components read.
/// </summary>
public sealed class RedisJobStoreOptions
{
    /// <summary>The setting of <see cref="Host"/>.</summary>
    public const string HostSetting = "REDIS_HOST";

    /// <summary>The setting of <see cref="Port"/>.</summary>
    public const string PortSetting = "REDIS_PORT";

    /// <summary>The setting of <see cref="Username"/>.</summary>
    public const string UsernameSetting = "REDIS_USERNAME";

    /// <summary>The setting of <see cref="Password"/>.</summary>
    public const string PasswordSetting = "REDIS_PASSWORD";

    /// <summary>The setting of <see cref="Tls"/>.</summary>
    public const string TlsSetting = "REDIS_TLS";

    /// <summary>The setting of <see cref="Database"/>.</summary>
    public const string DatabaseSetting = "REDIS_QUEUE_DB";

    /// <summary>The server's name or address, without a port. Default: <c>localhost</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The server's port. Default: 6379.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>The ACL user. Default: none, which is Redis' user <c>default</c>.</summary>
    public string? Username { get; init; }

    /// <summary>The password. Default: none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether to speak TLS. Default: false.</summary>
    public bool Tls { get; init; }

    /// <summary>The number of the database. Default: 1, apart from caches on 0. A cluster has only 0.</summary>
    public int Database { get; init; } = 1;

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The configuration, which includes the environment.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names each.</exception>
    public static RedisJobStoreOptions From(IConfiguration configuration)
    {
        var defaults = new RedisJobStoreOptions();
        var errors = new List<string>();
        var options = new RedisJobStoreOptions
        {
            Host = Text(configuration, HostSetting) ?? defaults.Host,
            Port = Number(configuration, PortSetting, defaults.Port, min: 1, max: ushort.MaxValue, errors),
            Username = Text(configuration, UsernameSetting),
            Password = Text(configuration, PasswordSetting),
            Tls = Flag(configuration, TlsSetting, errors),
            Database = Number(configuration, DatabaseSetting, defaults.Database, min: 0, max: 65_535, errors),
        };
        if (Uri.CheckHostName(options.Host) == UriHostNameType.Unknown)
        {
            errors.Add($"{HostSetting} must be a host name or an IP address without a port (the port is {PortSetting}), for example redis.internal.");
        }

        if (options.Username is not null && options.Password is null)
        {
            errors.Add($"{UsernameSetting} is set but {PasswordSetting} is not: set both, or neither.");
        }

        return errors.Count == 0 ? options : throw new OptionsValidationException(nameof(RedisJobStoreOptions), typeof(RedisJobStoreOptions), errors);
    }

    /// <summary>
    /// The same for the client. It goes on trying to connect in the background; a call while there is no connection fails at once, so that a publisher
    /// knows that nothing was added.
    /// </summary>
    public ConfigurationOptions ToConfigurationOptions() => new()
    {
        EndPoints = { IPAddress.TryParse(Host, out var address) ? new IPEndPoint(address, Port) : new DnsEndPoint(Host, Port) },
        User = Username,
        Password = Password,
        Ssl = Tls,
        DefaultDatabase = Database,
        AbortOnConnectFail = false,
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectRetry = 1,
        ConnectTimeout = 3_000,
        AsyncTimeout = 5_000,
        ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 100, maxDeltaBackOffMilliseconds: 2_000),
        ClientName = "whitecross-jobs",
    };

    private static string? Text(IConfiguration configuration, string name) => configuration[name] is { Length: > 0 } value ? value : null;

    private static int Number(IConfiguration configuration, string name, int fallback, int min, int max, List<string> errors)
    {
        if (Text(configuration, name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add($"{name} must be a whole number from {min} to {max}; leave it out for {fallback}.");
        return fallback;
    }

    private static bool Flag(IConfiguration configuration, string name, List<string> errors)
    {
        switch (Text(configuration, name)?.ToUpperInvariant())
        {
            case null or "FALSE" or "0":
                return false;
            case "TRUE" or "1":
                return true;
            default:
                errors.Add($"{name} must be true or false; leave it out for false.");
                return false;
        }
    }
}
