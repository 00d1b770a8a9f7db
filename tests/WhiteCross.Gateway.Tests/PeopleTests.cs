using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>Erasing and exporting a person, and legal holds, as an admin does it: with a reason, audited; and limits that are refused before there is a job.</summary>
public sealed class PeopleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Erasure__is_a_job__takes_a_reason__and_is_audited_with_whom_it_is_about()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var person = Guid.NewGuid();

        using var without = await gateway.PostAsync($"/queue/people/{person}/erase");
        using var added = await gateway.PostAsync($"/queue/people/{person}/erase?reason=asked+by+letter");
        using var dry = await gateway.PostAsync($"/queue/people/{person}/erase?dryRun=true&reason=first+look");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Accepted, HttpStatusCode.Accepted), (without.StatusCode, added.StatusCode, dry.StatusCode));
        var id = (await added.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("jobId").GetString()!;
        var job = await gateway.Store.GetAsync(JobQueues.MessageCleanup, id, Cancellation);
        Assert.Equal(("person", person), (job!.Data.GetProperty("cleanupType").GetString(), job.Data.GetProperty("userIds")[0].GetGuid()));
        var dryId = (await dry.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("jobId").GetString()!;
        Assert.True((await gateway.Store.GetAsync(JobQueues.MessageCleanup, dryId, Cancellation))!.Data.GetProperty("dryRun").GetBoolean());
        var audit = (await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray();
        Assert.Equal(
            [("ErasePerson", $"{person}", "first look"), ("ErasePerson", $"{person}", "asked by letter")],
            audit.Select(entry => (entry!["action"]!.GetValue<string>(), entry["target"]!.GetValue<string>(), entry["reason"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Export__is_put_together_page_by_page__ends_with_its_end__and_is_on_record()
    {
        var asked = new ConcurrentQueue<string?>();
        await using var sidecar = await StartSidecarAsync(async context =>
        {
            var cursor = (await context.Request.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("cursor").GetString();
            asked.Enqueue(cursor);
            await context.Response.WriteAsJsonAsync(cursor switch
            {
                null => new { lines = new object[] { new { kind = "conversation" } }, nextCursor = (string?)"messages:" },
                "messages:" => new { lines = new object[] { new { kind = "message", content = "Grüße" }, new { kind = "message", content = "b" } }, nextCursor = (string?)"notifications:" },
                _ => new { lines = Array.Empty<object>(), nextCursor = (string?)null },
            });
        });
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));
        var person = Guid.NewGuid();

        using var without = await gateway.PostAsync($"/queue/people/{person}/export");
        using var export = await gateway.PostAsync($"/queue/people/{person}/export?reason=asked");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (without.StatusCode, export.StatusCode));
        Assert.Equal("attachment", export.Content.Headers.ContentDisposition!.DispositionType);
        var lines = (await export.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(["conversation", "message", "message", "end"], lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal((3, "Grüße"), (lines[3].GetProperty("lines").GetInt32(), lines[1].GetProperty("content").GetString()));
        Assert.Equal(["notifications:", null, "messages:", "notifications:"], asked);
        var audit = Assert.Single((await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray())!;
        Assert.Equal(("ExportPerson", $"{person}"), (audit["action"]!.GetValue<string>(), audit["target"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Own_export_by_the_user__is_audited_when_the_service_gives_it_out__not_when_it_refuses()
    {
        var (ann, bob) = (Guid.NewGuid(), Guid.NewGuid());
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var delivery = builder.Build();
        delivery.MapGet("/users/{id}/export", (Guid id) => id == ann ? Results.Text("{\"kind\":\"end\"}\n", "application/x-ndjson") : Results.StatusCode(403));
        await delivery.StartAsync(Cancellation);
        await using var gateway = await GatewayHost.StartAsync(settings: ("Services:message-delivery", delivery.Urls.Single()));

        using var given = await gateway.Client.GetAsync(new Uri($"/users/{ann}/export?userId={ann}", UriKind.Relative), Cancellation);
        using var refused = await gateway.Client.GetAsync(new Uri($"/users/{bob}/export?userId={ann}", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (given.StatusCode, refused.StatusCode));
        var audit = Assert.Single((await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray(), entry => entry!["outcome"]!.GetValue<string>() == "done")!;
        Assert.Equal(("ExportUser", $"{ann}"), (audit["action"]!.GetValue<string>(), audit["target"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Legal_holds__are_placed_listed_and_lifted__audited__and_a_second_one_is_a_conflict_that_says_so()
    {
        var status = 204;
        await using var sidecar = await StartSidecarAsync(async context =>
        {
            if (context.Request.Method == "GET")
            {
                await context.Response.WriteAsJsonAsync(Array.Empty<object>());
            }
            else if (status == 204)
            {
                context.Response.StatusCode = 204;
            }
            else
            {
                context.Response.Headers["whitecross-status"] = "409";
                await context.Response.WriteAsJsonAsync(new { }, options: null, "application/problem+json");
            }
        });
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));
        var (id, user) = (Guid.NewGuid(), Guid.NewGuid());

        using var placed = await gateway.Client.PutAsJsonAsync($"/queue/legal-holds/{id}", new { userId = user, reason = "case 7" }, Cancellation);
        using var lifted = await gateway.Client.DeleteAsync(new Uri($"/queue/legal-holds/{id}?reason=closed", UriKind.Relative), Cancellation);
        status = 409;
        using var again = await gateway.Client.PutAsJsonAsync($"/queue/legal-holds/{id}", new { userId = user, reason = "case 7" }, Cancellation);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.Conflict), (placed.StatusCode, lifted.StatusCode, again.StatusCode));
        Assert.Contains("another hold", await again.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/queue/legal-holds")).Status);
        var audit = (await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray();
        Assert.Equal(["LiftLegalHold", "PlaceLegalHold"], audit.Select(entry => entry!["action"]!.GetValue<string>()));
        Assert.Equal($"userId={user}", audit[1]!["asked"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"olderThan":"2126-01-01T00:00:00Z"}""", 0, "data.olderThan")]
    [InlineData("""{"olderThan":"NOW"}""", 0, "data.olderThan")]
    [InlineData("""{"olderThan":"NOW"}""", 172_800_000, null)]
    [InlineData("""{"olderThan":"2026-01-01T00:00:00Z","retentionDays":30}""", 0, "data.olderThan")]
    [InlineData("""{"retentionDays":30}""", 0, null)]
    public async Task Limits_of_a_clean_up__are_judged_when_it_is_added__one_or_many__by_the_time_it_is_to_run(string limits, long delay, string? field)
    {
        await using var gateway = await GatewayHost.StartAsync();
        var data = limits.Replace("NOW", TimeProvider.System.GetUtcNow().AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{", """{"cleanupType":"old_messages",""", StringComparison.Ordinal);
        var envelope = $$"""{"data":{{data}},"options":{"delay":{{delay}} } }""";

        using var one = await gateway.PostAsync("/queue/message-cleanup/jobs", envelope);
        using var many = await gateway.PostAsync("/queue/message-cleanup/jobs/bulk", $$"""{"jobs":[{{envelope}}]}""");

        Assert.Equal(field is null ? HttpStatusCode.Accepted : HttpStatusCode.BadRequest, one.StatusCode);
        var bulk = await many.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(field is null ? (1, 0) : (0, 1), (bulk.GetProperty("accepted").GetArrayLength(), bulk.GetProperty("rejected").GetArrayLength()));
        if (field is not null)
        {
            Assert.Equal(field, Assert.Single((await one.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("errors").EnumerateObject()).Name);
        }
    }

    private static async Task<WebApplication> StartSidecarAsync(RequestDelegate service)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var sidecar = builder.Build();
        sidecar.Map("/v1.0/invoke/message-delivery/method/internal/{**rest}", service);
        await sidecar.StartAsync(Cancellation);
        return sidecar;
    }
}
