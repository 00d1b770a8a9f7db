using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>Tests of a running service on a database of its own, of either kind.</summary>
public abstract class DatabaseTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    private TestDatabase? _database;
    private NotificationService? _service;

    protected NotificationService Service => _service!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the users' connections get.</summary>
    internal RecordedPushes Pushes { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind, postgres, NotificationService.Migrated);
        _service = await NotificationService.StartAsync(
            new() { [NotificationDatabase.ConnectionSetting] = _database.ConnectionString, ["Email:Folder"] = Folder },
            builder => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<ILiveNotifications>(builder.Services, Pushes));
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The mails in the folder, in the order in which they were written.</summary>
    protected IReadOnlyList<MimeKit.MimeMessage> Mails() =>
        [.. Directory.GetFiles(Folder, "*.eml").OrderBy(File.GetLastWriteTimeUtc).Select(file => MimeKit.MimeMessage.Load(file))];

    private string Folder { get; } = Directory.CreateTempSubdirectory("mail-").FullName;
}
