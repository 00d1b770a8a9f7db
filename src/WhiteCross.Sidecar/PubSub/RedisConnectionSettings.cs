using StackExchange.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>The connection of a component on Redis, from the settings that daprd knows (dapr-facts 3.1).</summary>
internal static class RedisConnectionSettings
{
    public static ConfigurationOptions Read(ComponentMetadata metadata)
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = true,
            DefaultDatabase = metadata.Integer("redisDB", 0, 0),
            User = metadata.Text("redisUsername"),
            Password = metadata.Text("redisPassword"),
            Ssl = metadata.Flag("enableTLS"),
            ConnectTimeout = (int)metadata.DurationOrMilliseconds("dialTimeout", TimeSpan.FromSeconds(5)).TotalMilliseconds,
            AsyncTimeout = 10_000,
            SyncTimeout = 10_000,
        };
        if (metadata.Flag("insecureSkipTLSVerify"))
        {
#pragma warning disable CA5359 // The setting says so by name.
            options.CertificateValidation += static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        var port = metadata.Integer("redisPort", 6379, 1, 65_535);
        foreach (var host in metadata.RequiredText("redisHost").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            options.EndPoints.Add(host.Contains(':', StringComparison.Ordinal) ? host : $"{host}:{port}");
        }

        return options;
    }
}
