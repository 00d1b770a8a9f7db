using System.Text;

namespace WhiteCross.Conformance.Tests;

/// <summary>What an app's answer to an event means.</summary>
[Collection(nameof(SharedSidecars))]
public sealed class AnswerConformance(SharedSidecars sidecars)
{
    private static readonly (int Status, string Body, int Deliveries, bool IsDeadLettered)[] Table =
    [
        (200, "", 1, false), (204, "", 1, false), (200, "{}", 1, false), (200, """{"status":""}""", 1, false), (200, """{"status":"SUCCESS"}""", 1, false),
        (200, "not JSON", 1, false), (200, """{"status":"RETRY"}""", 3, true), (200, """{"status":"queued"}""", 3, true),
        (200, """{"status":"DROP"}""", 1, true), (404, "", 1, true), (500, "", 3, true), (400, "", 3, true), (500, """{"status":"SUCCESS"}""", 3, true),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each runtime with each answer of the app: how often the event is delivered, and whether it is dead-lettered.</summary>
    public static TheoryData<string, int, int, string, int, bool> Answers
    {
        get
        {
            var data = new TheoryData<string, int, int, string, int, bool>();
            foreach (var runtime in DaprRuntimes.All)
            {
                for (var row = 0; row < Table.Length; row++)
                {
                    data.Add(runtime, row, Table[row].Status, Table[row].Body, Table[row].Deliveries, Table[row].IsDeadLettered);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_apps_answer_decides(string runtime, int row, int status, string body, int deliveries, bool isDeadLettered)
    {
        var shared = await sidecars.GetAsync(runtime);
        var path = "/" + SharedSidecar.AnswerTopic(row);
        shared.App.Answer = call => call.Path == path ? Task.FromResult((status, body)) : SharedSidecar.AcceptAsync(call);

        await PublishAsync("""{"a":1}""");
        await shared.App.WaitForAsync(path, deliveries);

        if (isDeadLettered)
        {
            // The same envelope, to the byte: nothing is added.
            var dead = await shared.Graveyard.WaitForAsync(path, 1);
            Assert.Equal(shared.App.CallsOf(path)[0].Bytes, dead[0].Bytes);
        }
        else
        {
            // Another event behind it shows that the first one is done with.
            await PublishAsync("""{"a":2}""");
            await shared.App.WaitForAsync(path, deliveries + 1);
            Assert.Empty(shared.Graveyard.CallsOf(path));
        }

        Assert.Equal(deliveries, shared.App.CallsOf(path).Count(call => call.Json["data"]!["a"]!.GetValue<int>() == 1));

        async Task PublishAsync(string data)
        {
            using var content = new StringContent(data, Encoding.UTF8, "application/json");
            using var answer = await shared.Http.PostAsync(new Uri($"/v1.0/publish/pubsub/{shared.Topic(SharedSidecar.AnswerTopic(row))}", UriKind.Relative), content, Cancellation);
            Assert.Equal(204, (int)answer.StatusCode);
        }
    }
}
