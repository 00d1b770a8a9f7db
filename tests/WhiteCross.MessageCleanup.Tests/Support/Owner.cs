using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.MessageDelivery;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.MessageCleanup.Tests;

/// <summary>The real delivery service on a database of its own, and what a test puts into it.</summary>
public sealed class Owner : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly string _connectionString;
    private readonly PostgresServer? _postgres;

    private Owner(WebApplication app, string folder, string connectionString, PostgresServer? postgres) =>
        (_app, _folder, _connectionString, _postgres) = (app, folder, connectionString, postgres);

    public Uri Address => new(_app.Urls.Single());

    public IEnumerable<string> AttachmentFiles => Directory.EnumerateFiles(Path.Combine(_folder, "attachments"), "*", SearchOption.AllDirectories);

    private static MigratedDatabase Migrated { get; } = new(connectionString => MessageDeliveryApp.Create([], builder =>
    {
        builder.Configuration[MessageDatabase.ConnectionSetting] = connectionString;
        builder.Logging.ClearProviders();
    }).RunOrMigrateAsync([DatabaseMigrationExtensions.Argument]));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="postgres">Null for SQLite.</param>
    public static async Task<Owner> StartAsync(PostgresServer? postgres)
    {
        var folder = Directory.CreateTempSubdirectory("cleanup-test-").FullName;
        var connectionString = $"Data Source={Path.Combine(folder, "messages.db")}";
        if (postgres is null)
        {
            await Migrated.WriteSqliteAsync(Path.Combine(folder, "messages.db"));
        }
        else
        {
            connectionString = await postgres.CreateDatabaseAsync(Migrated);
        }

        var app = MessageDeliveryApp.Create(["--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([
                new(MessageDatabase.ConnectionSetting, connectionString), new("Attachments:Directory", Path.Combine(folder, "attachments")),
            ]);
            builder.Logging.ClearProviders();
            builder.UseJobsInMemory();
        });
        await app.StartAsync(Token);
        return new Owner(app, folder, connectionString, postgres);
    }

    public async Task<Guid> StoreAsync(DateTimeOffset receivedAt, Guid? conversation = null, Guid? sender = null)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var message = new Message
        {
            Id = Guid.NewGuid(),
            SenderId = sender ?? conversation ?? Guid.NewGuid(),
            RecipientId = conversation ?? Guid.NewGuid(),
            ConversationId = conversation ?? Guid.NewGuid(),
            Content = "Good morning.",
            Encrypted = false,
            MessageType = "text",
            Attachments = [],
            CreatedAt = receivedAt,
            ReceivedAt = receivedAt,
        };
        Assert.Equal(new SavedMessage(null, null), await scope.ServiceProvider.GetRequiredService<MessageStore>().SaveOnceAsync(message, null, Token));
        return message.Id;
    }

    /// <summary>A message from one user to another.</summary>
    public async Task<Guid> StoreAsync(Guid sender, Guid recipient, Guid conversation)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var now = TimeProvider.System.GetUtcNow();
        var message = new Message
        {
            Id = Guid.NewGuid(),
            SenderId = sender,
            RecipientId = recipient,
            ConversationId = conversation,
            Content = "Good morning.",
            Encrypted = false,
            MessageType = "text",
            Attachments = [],
            CreatedAt = now,
            ReceivedAt = now,
        };
        Assert.Equal(new SavedMessage(null, null), await scope.ServiceProvider.GetRequiredService<MessageStore>().SaveOnceAsync(message, null, Token));
        return message.Id;
    }

    public async Task HoldAsync(Guid user)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var response = await http.PutAsJsonAsync($"/internal/legal-holds/{Guid.NewGuid()}", new { userId = user, reason = "case 7" }, Token);
        response.EnsureSuccessStatusCode();
    }

    public async Task UploadAsync(Guid user)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var response = await http.PostAsync(new Uri($"/attachments?userId={user}", UriKind.Relative), new ByteArrayContent([1, 2, 3]), Token);
        response.EnsureSuccessStatusCode();
    }

    public async Task<Guid[]> StoreAsync(int count, DateTimeOffset receivedAt)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = await StoreAsync(receivedAt.AddMilliseconds(-i));
        }

        return ids;
    }

    public async Task DeleteConversationAsync(Guid conversation, DateTimeOffset at)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();
        Assert.Equal(1, await database.Conversations.Where(row => row.Id == conversation).ExecuteUpdateAsync(set => set.SetProperty(row => row.DeletedAt, at), Token));
    }

    public async Task UploadAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var response = await http.PostAsync(new Uri($"/attachments?userId={Guid.NewGuid()}", UriKind.Relative), new ByteArrayContent([1, 2, 3]), Token);
        response.EnsureSuccessStatusCode();

        // As if it had been there for three days.
        await using var scope = _app.Services.CreateAsyncScope();
        var uploaded = TimeProvider.System.GetUtcNow().AddDays(-3);
        await scope.ServiceProvider.GetRequiredService<MessagesDbContext>().Attachments
            .ExecuteUpdateAsync(set => set.SetProperty(attachment => attachment.CreatedAt, uploaded), Token);
    }

    public Task<Guid[]> MessagesAsync() => IdsAsync(database => database.Messages.Select(message => message.Id));

    public Task<Guid[]> ConversationsAsync() => IdsAsync(database => database.Conversations.Select(conversation => conversation.Id));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DropDatabaseAsync(_connectionString);
        }
        else
        {
            using var connection = new SqliteConnection(_connectionString);
            SqliteConnection.ClearPool(connection);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Guid[]> IdsAsync(Func<MessagesDbContext, IQueryable<Guid>> query)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return [.. (await query(scope.ServiceProvider.GetRequiredService<MessagesDbContext>()).ToListAsync(Token)).Order()];
    }
}
