using System.Text.Json.Nodes;

namespace WhiteCross.Gateway.Tests;

/// <summary>What the API's description says of types: how strictly they are read must not make it vaguer.</summary>
public sealed class ApiDescriptionTests
{
    [Fact]
    public async Task Numbers_and_times_keep_their_types()
    {
        await using var gateway = await GatewayHost.StartAsync();

        var (_, description) = await gateway.GetAsync("/openapi/v1.json");

        var record = description!["components"]!["schemas"]!["JobRecord"]!["properties"]!;
        Assert.Contains("integer", record["attemptsMade"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("date-time", record["createdAt"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("date-time", record["startedAt"]!.ToJsonString(), StringComparison.Ordinal);
        JsonNode? Parameters(string path) => description["paths"]![path]!["get"]!["parameters"];
        Assert.Contains("state", Parameters("/queue/{queue}/jobs")!.ToJsonString(), StringComparison.Ordinal);
    }
}
