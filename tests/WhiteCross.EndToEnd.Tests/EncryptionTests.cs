using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>A message that must not be stored in the clear, on its way through two services.</summary>
public abstract class EncryptionTests(SystemFixture fixture) : IDisposable
{
    private const string Words = "The biopsy was benign.";

    private readonly HttpClient _gateway = new() { BaseAddress = fixture.System.GatewayAddress };

    [Fact]
    public async Task A_message_that_requires_encryption_is_stored_as_cipher_text_and_read_in_the_clear()
    {
        var recipient = Guid.NewGuid();
        var envelope = Jobs.SendMessage(recipient, Words);
        envelope["data"]!["requiresEncryption"] = true;

        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, envelope), "completed");

        var path = $"/messages/{envelope["data"]!["messageId"]!.GetValue<string>()}";
        var stored = (await _gateway.GetFromJsonAsync<JsonObject>(new Uri($"{path}?userId={recipient}", UriKind.Relative), Jobs.Cancellation))!;
        var read = (await _gateway.GetFromJsonAsync<JsonObject>(new Uri($"{path}/content?userId={recipient}", UriKind.Relative), Jobs.Cancellation))!;
        Assert.True(stored["encrypted"]!.GetValue<bool>());
        Assert.StartsWith("wc1.", stored["content"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(Words, read["content"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _gateway.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedEncryptionTests(EmbeddedSystem system) : EncryptionTests(system), IClassFixture<EmbeddedSystem>;

/// <summary>On Redis.</summary>
public sealed class RedisEncryptionTests(RedisSystem system) : EncryptionTests(system), IClassFixture<RedisSystem>;
