using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>With an authority configured: who searches comes from the token, whatever the address says.</summary>
public sealed class AuthenticationTests(PostgresServer postgres) : IndexingTests(DatabaseKind.Sqlite, postgres)
{
    private const string Issuer = "https://identity.test";
    private const string Audience = "white-cross";
    private static readonly SymmetricSecurityKey Key = new(RandomNumberGenerator.GetBytes(32)) { KeyId = "one" };

    [Fact]
    public async Task Token_says_who_searches__the_address_does_not()
    {
        var message = Some.Message("fever");
        await Service.DeliverAsync(message);

        using var own = await SearchAsync("/search?q=fever", TokenOf(Some.Parent.ToString()));
        using var stranger = await SearchAsync($"/search?q=fever&userId={Some.Parent}", TokenOf(Guid.NewGuid().ToString()));

        Assert.Single((await own.Content.ReadFromJsonAsync<SearchAnswer>(Token))!.Results);
        Assert.Equal(HttpStatusCode.OK, stranger.StatusCode);
        Assert.Empty((await stranger.Content.ReadFromJsonAsync<SearchAnswer>(Token))!.Results);
    }

    [Fact]
    public async Task Without_a_good_token__nobody_searches()
    {
        using var none = await SearchAsync($"/search?q=fever&userId={Some.Nurse}", null);
        using var nonsense = await SearchAsync("/search?q=fever", "nonsense");
        using var nobody = await SearchAsync("/search?q=fever", TokenOf("admin"));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (none.StatusCode, nonsense.StatusCode));
        Assert.Equal("application/problem+json", none.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new(UserAuthentication.AuthoritySetting, Issuer), new(UserAuthentication.AudienceSetting, Audience)]);
        builder.AddUserAuthentication();
        builder.Services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.Configuration = new() { Issuer = Issuer };
            options.TokenValidationParameters.ValidIssuer = Issuer;
            options.TokenValidationParameters.IssuerSigningKey = Key;
            options.TokenValidationParameters.ValidateLifetime = false;
        });
    }

    private static string TokenOf(string subject) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        Subject = new ClaimsIdentity([new Claim("sub", subject)]),
        SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.HmacSha256),
    });

    private async Task<HttpResponseMessage> SearchAsync(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Service.Http.SendAsync(request, Token);
    }
}
