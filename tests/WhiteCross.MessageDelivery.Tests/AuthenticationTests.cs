using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>With an authority configured: who one is comes from the token, whatever the address says.</summary>
public sealed class AuthenticationTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres)
{
    private const string Issuer = "https://identity.test";
    private const string Audience = "white-cross";
    private static readonly SymmetricSecurityKey Key = new(RandomNumberGenerator.GetBytes(32)) { KeyId = "one" };

    [Fact]
    public async Task Without_a_good_token__nobody_gets_in()
    {
        var user = Guid.NewGuid();

        foreach (var token in new[] { null, "nonsense", TokenOf(user.ToString(), audience: "others"), TokenOf(user.ToString(), key: new(RandomNumberGenerator.GetBytes(32)) { KeyId = "one" }) })
        {
            using var inbox = await GetAsync($"/users/{user}/messages?userId={user}", token);
            using var hub = await Service.Http.PostAsync($"/hubs/messages/negotiate?userId={user}&access_token={token}", null, Token);

            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (inbox.StatusCode, hub.StatusCode));
            Assert.Equal("application/problem+json", inbox.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/healthz", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/openapi/v1.json", null)).StatusCode);
    }

    [Fact]
    public async Task Token_says_who_one_is__the_address_does_not()
    {
        var message = Some.Message();
        var stranger = TokenOf(Guid.NewGuid().ToString());
        await Service.SendAsync(message);

        using var own = await GetAsync($"/messages/{message.MessageId}", TokenOf(message.RecipientId.ToString()));
        using var others = await GetAsync($"/messages/{message.MessageId}?userId={message.RecipientId}", stranger);
        using var inbox = await GetAsync($"/users/{message.RecipientId}/messages?userId={message.RecipientId}", stranger);

        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, others.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, inbox.StatusCode);
    }

    [Fact]
    public async Task Token_without_a_uuid__is_refused()
    {
        using var response = await GetAsync($"/messages/{Guid.NewGuid()}", TokenOf("admin"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Hub__serves_the_user_of_the_token()
    {
        var message = Some.Message();
        await using var recipient = await Service.ConnectAsync(message.RecipientId, options =>
        {
            options.AccessTokenProvider = () => Task.FromResult<string?>(TokenOf(message.RecipientId.ToString()));
            options.Transports = HttpTransportType.WebSockets;
        });
        await Service.SendAsync(message);

        Assert.Equal(message.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(MessageStatus.Read, await recipient.Connection.InvokeAsync<MessageStatus>("MarkRead", message.MessageId.ToString(), Token));
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        // As AddUserAuthentication does it for a configured authority, but with a key at hand instead of the authority's.
        builder.Configuration[WhiteCross.ServiceDefaults.UserAuthentication.AuthoritySetting] = Issuer;
        builder.Configuration[WhiteCross.ServiceDefaults.UserAuthentication.AudienceSetting] = Audience;
        WhiteCross.ServiceDefaults.UserAuthentication.AddUserAuthentication(builder);
        builder.Services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.ConfigurationManager = null;
            options.Configuration = new() { Issuer = Issuer };
            options.TokenValidationParameters.ValidIssuer = Issuer;
            options.TokenValidationParameters.IssuerSigningKey = Key;
            options.TokenValidationParameters.ValidateLifetime = false;
        });
    }

    private static string TokenOf(string subject, string audience = Audience, SymmetricSecurityKey? key = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = audience,
            Subject = new ClaimsIdentity([new Claim("sub", subject)]),
            SigningCredentials = new SigningCredentials(key ?? Key, SecurityAlgorithms.HmacSha256),
        });

    private async Task<HttpResponseMessage> GetAsync(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Service.Http.SendAsync(request, Token);
    }
}
