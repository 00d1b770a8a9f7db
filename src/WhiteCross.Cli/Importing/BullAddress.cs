using StackExchange.Redis;

namespace WhiteCross.Cli.Importing;

/// <summary>Where the queues of Bull are: <c>host:port</c>, or a URL with user, password, database and TLS.</summary>
internal static class BullAddress
{
    public const string Default = "localhost:6379";

    /// <summary>How to connect to it.</summary>
    /// <exception cref="CliException">It is no address.</exception>
    public static ConfigurationOptions Read(string text, string name)
    {
        var url = text.Contains("://", StringComparison.Ordinal) ? text : $"redis://{text}";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("redis" or "rediss") || address.Host.Length == 0 || !TryReadDatabase(address, out var database))
        {
            throw new CliException(ExitCodes.WrongInput, $"{name} must be host:port or redis://user:password@host:port/database, with rediss:// for TLS; what is there is neither.");
        }

        var options = new ConfigurationOptions
        {
            EndPoints = { { address.IdnHost, address.IsDefaultPort || address.Port < 0 ? 6379 : address.Port } },
            Ssl = address.Scheme == "rediss",
            SslHost = address.IdnHost,
            DefaultDatabase = database,
            ConnectTimeout = 10_000,
            ConnectRetry = 1,
            // One command removes and notes many jobs where a queue is large.
            SyncTimeout = 60_000,
            AsyncTimeout = 60_000,
        };
        if (address.UserInfo.Split(':', 2) is [var user, .. var rest] && address.UserInfo.Length > 0)
        {
            options.User = user.Length > 0 ? Uri.UnescapeDataString(user) : null;
            options.Password = rest is [var password] ? Uri.UnescapeDataString(password) : null;
        }

        return options;
    }

    private static bool TryReadDatabase(Uri address, out int database)
    {
        var path = address.AbsolutePath.Trim('/');
        database = 0;
        return path.Length == 0 || (int.TryParse(path, out database) && database >= 0);
    }
}
