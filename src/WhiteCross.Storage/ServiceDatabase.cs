using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.Storage;

/// <summary>Which database holds a service's data, and how to reach it: SQLite in a file by default, PostgreSQL where a connection string says so.</summary>
public sealed class ServiceDatabase
{
    /// <summary><c>sqlite</c> or <c>postgresql</c>. Left out: told from the connection string.</summary>
    public const string ProviderSetting = "Database:Provider";

    /// <summary>Where SQLite files go, relative to the content root. Default: <c>data</c>.</summary>
    public const string DirectorySetting = "DataDirectory";

    private ServiceDatabase(string name, bool isPostgres, string connectionString)
    {
        Name = name;
        IsPostgres = isPostgres;
        ConnectionString = connectionString;
    }

    /// <summary>What it holds, for example <c>Messages</c>: its connection string is <c>ConnectionStrings:Messages</c>, its file <c>messages.db</c>.</summary>
    public string Name { get; }

    /// <summary>PostgreSQL; otherwise SQLite.</summary>
    public bool IsPostgres { get; }

    /// <summary>How to reach it. Holds a password: never log it.</summary>
    public string ConnectionString { get; }

    /// <summary>The setting of a database's connection string. Left out: a SQLite file in <see cref="DirectorySetting"/>.</summary>
    /// <param name="name">What the database holds.</param>
    public static string ConnectionSetting(string name) => $"ConnectionStrings:{name}";

    /// <summary>The directory for a service's files.</summary>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="contentRoot">What a relative directory is relative to.</param>
    public static string DirectoryOf(IConfiguration configuration, string contentRoot)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Path.Combine(contentRoot, configuration[DirectorySetting] is { Length: > 0 } set ? set : "data");
    }

    /// <summary>Reads the settings.</summary>
    /// <param name="name">What the database holds.</param>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="contentRoot">What a relative data directory is relative to.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it, and holds nothing of a connection string.</exception>
    public static ServiceDatabase Read(string name, IConfiguration configuration, string contentRoot)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configuration);

        var file = name.ToLowerInvariant();
        var setting = ConnectionSetting(name);
        var text = configuration[setting];
        bool? isPostgres = configuration[ProviderSetting] switch
        {
            null or "" => null,
            "sqlite" => false,
            "postgresql" => true,
            _ => throw new SettingsException($"{ProviderSetting} must be sqlite or postgresql."),
        };

        if (string.IsNullOrWhiteSpace(text))
        {
            return isPostgres is true
                ? throw new SettingsException($"{setting} must be set when {ProviderSetting} is postgresql, for example \"Host=localhost;Database={file}\".")
                : new ServiceDatabase(name, false, $"Data Source={Path.Combine(DirectoryOf(configuration, contentRoot), $"{file}.db")}");
        }

        DbConnectionStringBuilder parts;
        try
        {
            parts = new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            // Its message repeats the text, and with it the password.
            throw new SettingsException($"{setting} is not a connection string; it is made of name=value pairs with semicolons between.");
        }

        var hasHost = parts.ContainsKey("Host") || parts.ContainsKey("Server");
        var hasFile = parts.ContainsKey("Data Source") || parts.ContainsKey("DataSource") || parts.ContainsKey("Filename");
        if (isPostgres is null && hasHost == hasFile)
        {
            throw new SettingsException($"{setting} names no database: a PostgreSQL string has Host=…, a SQLite string has Data Source=…; or set {ProviderSetting}.");
        }

        return new ServiceDatabase(name, isPostgres ?? hasHost, text);
    }

    /// <summary>Makes a SQLite file and its directory where there is none, readable by the service's user only; does nothing for PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">It cannot be written to; the message names the settings.</exception>
    public void CreateDirectory()
    {
        if (IsPostgres)
        {
            return;
        }

        var sqlite = new SqliteConnectionStringBuilder(ConnectionString);
        var file = sqlite.DataSource;
        if (sqlite.Mode == SqliteOpenMode.Memory || file.Length == 0 || file.StartsWith(':') || Path.GetDirectoryName(file) is not { Length: > 0 } directory)
        {
            return;
        }

        if (!WritableDirectory.TryCreate(directory))
        {
            throw new SettingsException(
                $"The directory {directory} cannot be written to; name one that the service may write to with {DirectorySetting}, or a PostgreSQL with {ConnectionSetting(Name)}.");
        }

        // Whatever the directory, which may be older. The files that SQLite puts beside it have the same rights.
        WritableDirectory.KeepToOwner(file);
    }
}
