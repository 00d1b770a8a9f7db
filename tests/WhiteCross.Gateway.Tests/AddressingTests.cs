using System.Net;
using CsCheck;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>What is accepted can be addressed: its record, its cancelling, its removal; and what a URL cannot carry is refused at the door.</summary>
public sealed class AddressingTests
{
    private const string Queue = JobQueues.MessageDelivery;

    private const string Characters = "./\\%?#&;:=+~*'\"<>|^{}[]()@!$,-_ab2F";

    private static readonly string[] Odd =
    [
        ".", "..", "/", "\\", "%", "%2F", "%252F", "%2e%2E", "a/../b", "./a", "a//b", "..\\a", "a%00", "ü/€", "\u00a0", "\ud800", "a\u200b", "a b", "\u0007", "con", "a#b?c=d&e", "*", "~", "a+b",
    ];

    private static readonly Gen<string> Ids = Gen.OneOf(
        Gen.Int[0, Characters.Length - 1].Array[1, 12].Select(places => string.Concat(places.Select(place => Characters[place]))),
        Gen.Int[0, Odd.Length - 1].Select(place => Odd[place]),
        Gen.String[1, 8]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_id_of_a_job__is_refused_or_can_be_fetched_cancelled_and_removed()
    {
        await using var gateway = await GatewayHost.StartAsync();
        var seen = new HashSet<string>(StringComparer.Ordinal);

        await Ids.SampleAsync(
            async id =>
            {
                if (!seen.Add(id))
                {
                    return; // Its tombstone keeps it from being added again.
                }

                using var added = await gateway.PostAsync($"/queue/{Queue}/jobs", GatewayHost.Message(Escaped(id)));
                var path = $"/queue/{Queue}/jobs/{Uri.EscapeDataString(id)}";
                if (added.StatusCode == HttpStatusCode.BadRequest)
                {
                    Assert.False(JobIds.IsValid(id));
                    return;
                }

                Assert.Equal(HttpStatusCode.Accepted, added.StatusCode);
                Assert.True(JobIds.IsValid(id));
                Assert.Equal(path, added.Headers.Location?.OriginalString ?? path);
                Assert.Equal(id, (await gateway.GetAsync(path)).Body!["jobId"]!.GetValue<string>());
                using var cancelled = await gateway.PostAsync($"{path}/cancel");
                Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
                using var removed = await gateway.Client.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);
                Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
                Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync(path)).Status);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public async Task Any_id_of_a_schedule__is_refused_or_can_be_fetched_and_removed()
    {
        await using var gateway = await GatewayHost.StartAsync();

        await Ids.SampleAsync(
            async id =>
            {
                using var made = await gateway.PostAsync(
                    $"/queue/{JobQueues.MessageCleanup}/schedules", $$$"""{"id":"{{{Escaped(id)}}}","every":60000,"job":{"data":{"cleanupType":"old_messages"} } }""");
                if (made.StatusCode == HttpStatusCode.BadRequest)
                {
                    Assert.False(JobIds.IsValid(id));
                    return;
                }

                Assert.Equal(HttpStatusCode.Created, made.StatusCode);
                var path = $"/queue/{JobQueues.MessageCleanup}/schedules/{Uri.EscapeDataString(id)}";
                Assert.Equal(id, (await gateway.GetAsync(path)).Body!["id"]!.GetValue<string>());
                using var run = await gateway.PostAsync($"{path}/run");
                Assert.Equal(HttpStatusCode.Accepted, run.StatusCode);
                Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync(run.Headers.Location!.OriginalString)).Status);
                using var removed = await gateway.Client.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);
                Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
            },
            iter: 200,
            threads: 1);
    }

    // Half a character can be written in no other way.
    private static string Escaped(string id) => string.Concat(id.Select(unit => $"\\u{(int)unit:x4}"));
}
