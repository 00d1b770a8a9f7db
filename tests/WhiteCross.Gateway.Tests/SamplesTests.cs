using System.Net;
using System.Text;
using System.Text.Json;
using WhiteCross.Gateway.Tests.Support;

namespace WhiteCross.Gateway.Tests;

/// <summary>The ready requests under samples/ can be sent as they are.</summary>
public class SamplesTests
{
    [Theory]
    [InlineData("send-message.json", "jobs")]
    [InlineData("delivery-confirmation.json", "jobs")]
    [InlineData("bulk.json", "jobs/bulk")]
    public async Task A_sample_is_accepted(string file, string path)
    {
        await using var gateway = await GatewayServer.StartAsync();
        using var body = new StringContent(
            await File.ReadAllTextAsync(Repository.Path("samples", file), TestContext.Current.CancellationToken), Encoding.UTF8, "application/json");

        using var answer = await gateway.Http.PostAsync($"/queue/message-delivery/{path}", body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var accepted = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.True(!accepted.TryGetProperty("rejected", out var rejected) || rejected.GetArrayLength() == 0);
    }
}
