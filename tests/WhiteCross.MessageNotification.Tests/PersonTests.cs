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

    [Fact]
    public async Task An_address_that_nothing_is_sent_to__is_a_hash_once_its_owner_is_erased__and_still_nothing_is_sent_there()
    {
        var (ann, other) = (Guid.NewGuid(), Guid.NewGuid());
        await PutAsync($"/users/{ann}/contacts/email", new { address = "Ann@Example.org", consent = true });
        foreach (var address in new[] { "ann@example.org", "bob@example.org" })
        {
            using var added = await Service.Http.PostAsJsonAsync("/internal/suppressions", new { channel = "email", address }, TestContext.Current.CancellationToken);
            Assert.True(added.IsSuccessStatusCode);
        }

        var erased = await PostAsync(ann, "erase");
        Assert.Equal(1, erased.GetProperty("suppressions").GetInt32());
        Assert.Equal(0, (await PostAsync(ann, "erase")).GetProperty("suppressions").GetInt32());

        var list = await Service.Http.GetStringAsync("/internal/suppressions", TestContext.Current.CancellationToken);
        Assert.Contains("(erased)", list, StringComparison.Ordinal);
        Assert.DoesNotContain("a…@example.org", list, StringComparison.Ordinal);
        Assert.Contains("b…@example.org", list, StringComparison.Ordinal);
        var result = await Service.CompleteAsync(Some.Email() with { RecipientId = other, RecipientEmail = "ANN@example.org" });
        Assert.Equal((NotificationState.Suppressed, "address_manual"), (result.Result, result.Reason));

        // Put there again it is the one that is there, and by its id it can be taken away.
        using var again = await Service.Http.PostAsJsonAsync("/internal/suppressions", new { channel = "email", address = "ann@example.org" }, TestContext.Current.CancellationToken);
        var entry = await again.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        using var removed = await Service.Http.DeleteAsync($"/internal/suppressions/{entry.GetProperty("id").GetGuid()}", TestContext.Current.CancellationToken);
        Assert.True(removed.IsSuccessStatusCode);
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
