using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class PersonOnSqliteTests(PostgresServer postgres) : PersonTests(DatabaseKind.Sqlite, postgres);

public sealed class PersonOnPostgresTests(PostgresServer postgres) : PersonTests(DatabaseKind.Postgres, postgres);

/// <summary>One person's notifications, devices, contacts and preferences: exported and erased, and nobody else's.</summary>
public abstract class PersonTests(DatabaseKind kind, PostgresServer postgres) : DatabaseTests(kind, postgres)
{
    [Fact]
    public async Task Person__is_exported_and_erased_whole__others_are_left_alone__again_changes_nothing()
    {
        var (ann, bob) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var user in new[] { ann, bob })
        {
            await PutAsync($"/users/{user}/notification-preferences", new { optedOut = new[] { "sms" } });
            await PutAsync($"/users/{user}/contacts/email", new { address = "somebody@example.org", consent = true });
            await PutAsync($"/users/{user}/devices/token-{user:N}", new { platform = "android" });
            await Service.CompleteAsync(Some.InApp() with { RecipientId = user }, jobId: $"job-{user}");
        }

        Assert.Equal((1, 1, 1, 1), Numbers(await PostAsync(ann, "count")));
        var lines = (await PostAsync(ann, "export")).GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal(["notification-preferences", "contact", "device", "notification"], lines.Select(line => line.GetProperty("kind").GetString()));

        Assert.Equal((1, 1, 1, 1), Numbers(await PostAsync(ann, "erase")));
        Assert.Equal((0, 0, 0, 0), Numbers(await PostAsync(ann, "erase")));
        Assert.Empty((await PostAsync(ann, "export")).GetProperty("lines").EnumerateArray());
        Assert.Equal((1, 1, 1, 1), Numbers(await PostAsync(bob, "count")));
    }

    private static (int Notifications, int Devices, int Contacts, int Preferences) Numbers(JsonElement answer) => (
        answer.GetProperty("notifications").GetInt32(), answer.GetProperty("devices").GetInt32(), answer.GetProperty("contacts").GetInt32(), answer.GetProperty("preferences").GetInt32());

    private async Task<JsonElement> PostAsync(Guid user, string what)
    {
        using var answer = await Service.Http.PostAsJsonAsync($"/internal/people/{user}/{what}", new { }, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private async Task PutAsync(string path, object body)
    {
        using var answer = await Service.Http.PutAsJsonAsync($"{path}?userId={path.Split('/')[2]}", body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }
}
