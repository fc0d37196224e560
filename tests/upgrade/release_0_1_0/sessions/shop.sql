BEGIN TRANSACTION;
CREATE TABLE credentials (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "credentials" VALUES('creds','','{"noiseKey":{"private":{"type":"Buffer","data":"GBAGWnvBB5C87BMmh7Bm1kxQ8hlGrxKiVKn9eVXeHUE="},"public":{"type":"Buffer","data":"PzGvdnC8mCuFnBznEBFUCAGDI/U1gG2n8WuL/6bpgVc="}},"pairingEphemeralKeyPair":{"private":{"type":"Buffer","data":"UI2SnHQ6aibrrmkxY8KddBS0s2McyqQJVK3mUt2u/Hk="},"public":{"type":"Buffer","data":"HDSiJM96ZqUhiw5UhG8TvlloNrrr+eTh6nhRcKchgCw="}},"signedIdentityKey":{"private":{"type":"Buffer","data":"II3zaW5fT1rBXEpfyYaspe16lvzRVLTMBYa8GlA+Png="},"public":{"type":"Buffer","data":"UE+AlI40JokwHllyfaE2GqDJ6/Ge4kdJIEPCqQq0gT4="}},"signedPreKey":{"keyPair":{"private":{"type":"Buffer","data":"KHjkH1DcArLqjaUzKPxT6FDbCRFsKMchnw2Q4ef1y1w="},"public":{"type":"Buffer","data":"ZmZvwFT1tpV/mmPs4t9n1SJuRTYSHI8SkqdjaFZzvRc="}},"signature":{"type":"Buffer","data":"pV3lp3eCz+IbmeIpJ4TcPcJoa3mwFoeXNNl5RUfYifaOnQKVfjt34gf3I08aNoEGnruqmRRev4q7f8E9Sa8SCQ=="},"keyId":1},"registrationId":246,"advSecretKey":"zwjnlNbGUMp9DTcQDhOQTagAmgXDhLtQvIn2z8JxwQQ=","processedHistoryMessages":[],"nextPreKeyId":813,"firstUnuploadedPreKeyId":813,"accountSyncCounter":0,"accountSettings":{"unarchiveChats":false},"registered":false,"account":{"details":"CM725dMLEO3xtNgGGAEgACgA","accountSignatureKey":"/+PTkwgnkMB5uQKzrZP6fzqODKSlB7kXHsc7DOSZzxM=","accountSignature":"ekP5nVexMp+KN5Sc3gBynnYdVJ68RCFK6HudBsFhG5ikl7sNOrFJo0w6bSlKHiyD+v9gKdcRlVFy5kMeDsPihg==","deviceSignature":"AniuBp7gbL43YfZYPUuuT+xPh91hCbuVkCWhtsaCbfKXl6lNl0GxqeisJ7dmYRrkPa+FKB6pt989XSDmRiqSBA=="},"me":{"id":"15551234567:1@s.whatsapp.net","name":"Ann","lid":"531217416235030:1@lid"},"signalIdentities":[{"identifier":{"name":"531217416235030:1@lid","deviceId":0},"identifierKey":{"type":"Buffer","data":"Bf/j05MIJ5DAebkCs62T+n86jgykpQe5Fx7HOwzkmc8T"}}],"platform":"android","lastPropHash":"sandbox"}');
INSERT INTO "credentials" VALUES('device-list','15551234567','["1"]');
INSERT INTO "credentials" VALUES('identity-key','909913313250243_1.0','{"type":"Buffer","data":"BVtfJm54kX9Rb1kRhDlLGv/mjyl0zdVR5fwnH88ja+Uv"}');
INSERT INTO "credentials" VALUES('lid-mapping','15551234567','"531217416235030"');
INSERT INTO "credentials" VALUES('lid-mapping','4915112345678','"909913313250243"');
INSERT INTO "credentials" VALUES('lid-mapping','531217416235030_reverse','"15551234567"');
INSERT INTO "credentials" VALUES('lid-mapping','909913313250243_reverse','"4915112345678"');
INSERT INTO "credentials" VALUES('pre-key','10','{"private":{"type":"Buffer","data":"QHVHxyRQ0unQtTrXklExVLpc9Oy095rXEuWFHYgJsng="},"public":{"type":"Buffer","data":"KWe/N5nCBaUsSZb1yhhktl3rn+TTu3FZefUIWnjQa3c="}}');
INSERT INTO "credentials" VALUES('pre-key','11','{"private":{"type":"Buffer","data":"oANTPjEAC+Tp3Ipcs9LaaIB4e8gxWFDo6AogG/pxGUg="},"public":{"type":"Buffer","data":"zcHT6lyEDbp3I7fRBaL0+cVqk1Fq6uE76uHJYr3m4XY="}}');
INSERT INTO "credentials" VALUES('pre-key','12','{"private":{"type":"Buffer","data":"UJNox2sAt3HwCVd5nigaMsCYnuYATELLxXHq+yOE32E="},"public":{"type":"Buffer","data":"OM/EoKKtWIUyNUouD9XbCAEs+Yy03HRCGS97KoFetkA="}}');
INSERT INTO "credentials" VALUES('pre-key','13','{"private":{"type":"Buffer","data":"OE5YTQRtAa3OObzbrSs7ZGQGQulRGXP4r5y8Rv09Y1E="},"public":{"type":"Buffer","data":"7Qv05hSSMhzQZYmpRfHG85xF8DMQMgbtZMa/ZmDtuRk="}}');
INSERT INTO "credentials" VALUES('pre-key','14','{"private":{"type":"Buffer","data":"gNuNlNUKXzNo/E/6LxbbdTjSosMNCoV/pYU8WgUayH4="},"public":{"type":"Buffer","data":"5U1HdHOQ9pEl5TDJqZfMvFY5QSoYxGuZbm0tc3cW5Ss="}}');
INSERT INTO "credentials" VALUES('pre-key','15','{"private":{"type":"Buffer","data":"0FYif9h8t2s3zyfjG4V3nKDEVVNbjEotrl2+DRhljW4="},"public":{"type":"Buffer","data":"Kw4rJwaXz7JmSqdUR+VqE6RtCh3w4f7wiA5gr2hMWmU="}}');
INSERT INTO "credentials" VALUES('pre-key','16','{"private":{"type":"Buffer","data":"GFRgR2kQV8oY8gj3qZQQaWqDmsCE+mJIUDPjbEbC51U="},"public":{"type":"Buffer","data":"HYWVAsRNPCeIW3+4Efm9zlwnz8gdWbuVK4aAhNhN1Qg="}}');
INSERT INTO "credentials" VALUES('pre-key','17','{"private":{"type":"Buffer","data":"2CXrB8FZqxt6ysKahhA4un5qIeDypIu2niIwZ+zMkXQ="},"public":{"type":"Buffer","data":"Yi400oUQKgmJJTpM1xIt9TXqxIfG4Hy+AxlwBaxQ2Hg="}}');
INSERT INTO "credentials" VALUES('pre-key','18','{"private":{"type":"Buffer","data":"4Lqs3Ky0aRDUwYQH/3oj7sSw0LIw9p2CzSwhhKQRmFc="},"public":{"type":"Buffer","data":"f98Iz7bON0s/8QadOEcofHDutnERDmml29+6yK6N22I="}}');
INSERT INTO "credentials" VALUES('pre-key','19','{"private":{"type":"Buffer","data":"ADJZrcCraWNSk8MMrCe4TFOov5hcYssrcytvSkUFJkQ="},"public":{"type":"Buffer","data":"jvH0DL3GW+vBurB2TLUixHUQk6F9Yn7Tj/GZbmevZH4="}}');
INSERT INTO "credentials" VALUES('pre-key','2','{"private":{"type":"Buffer","data":"EF/TiFEXHsKz4p7i1ZBATS2L4Dzx7Vi6IAV6ZWHBB2w="},"public":{"type":"Buffer","data":"mGlPrS5/8alszgUn3pEL+16ZFy/f58GwHeHJMBhWOn4="}}');
INSERT INTO "credentials" VALUES('pre-key','20','{"private":{"type":"Buffer","data":"8OFzsad4vumDva3egguEtsrygCNimN3WXExl6lPsWns="},"public":{"type":"Buffer","data":"m2lnmGE64pUCJBs+unbf1X8figuZUvYWTE6VHy/1vHA="}}');
INSERT INTO "credentials" VALUES('pre-key','21','{"private":{"type":"Buffer","data":"2N8IJ3aoDPcw0IShF9fht4s3RPGMNxnzt6HGjcMB+nY="},"public":{"type":"Buffer","data":"ABp9vjN0f7uZixHcN7HCa1lLHtm9/NBC60meTzLciCM="}}');
INSERT INTO "credentials" VALUES('pre-key','22','{"private":{"type":"Buffer","data":"AMpHO3/yzvoER5NCneRGgaQ1UWoimbRramdx7FswgEc="},"public":{"type":"Buffer","data":"k3NTsKQfMNcC5HbQB3w73hMkco+8zC3BwxUTo2kONDs="}}');
INSERT INTO "credentials" VALUES('pre-key','23','{"private":{"type":"Buffer","data":"EDMqXxF5+4nKi29ZRHeMUUAdKWSuNcg2bSeWGagNwX4="},"public":{"type":"Buffer","data":"L7n+IsmH+SEDLIrayTEtNlf1xRN+y8PDF6jcwUr1IFA="}}');
INSERT INTO "credentials" VALUES('pre-key','24','{"private":{"type":"Buffer","data":"CJ1+ywiohf6ZvQMZpiLILg/AeU1vnyHIkzejOpePkXo="},"public":{"type":"Buffer","data":"fG9JbZd4h+OuYFhmXitKLmZo2pCo+sLOGPJXohFw3AI="}}');
INSERT INTO "credentials" VALUES('pre-key','25','{"private":{"type":"Buffer","data":"WP0hW0DcYD3bssU9rClwIQbyiU5+jd6YjPNZfatmpVU="},"public":{"type":"Buffer","data":"Y5H+02ZQrJQvpJ+F/zNoUHpUtlzewLswa/jyN030nk4="}}');
INSERT INTO "credentials" VALUES('pre-key','26','{"private":{"type":"Buffer","data":"uIY0v+eR9hzp5cHjHmeskGWYQ95h09NG1cfx8cxn33c="},"public":{"type":"Buffer","data":"GErum4kon3+2KAqBkuFcQ/qKek5TVS/jS3d0qksfdn0="}}');
INSERT INTO "credentials" VALUES('pre-key','27','{"private":{"type":"Buffer","data":"8CU/0XbjuinxSVYcoSVZwKI017gsEEXTaVuLYKi/01c="},"public":{"type":"Buffer","data":"UwOBtMplbtwoSAJgZH8lTDnvYZuBOsbi0Mv6iMp7F3g="}}');
INSERT INTO "credentials" VALUES('pre-key','28','{"private":{"type":"Buffer","data":"8CgmFOxISsLjO1Kc3eCAklnIeUgQ3f7RqWlH1nHzy1c="},"public":{"type":"Buffer","data":"VaGbU2J4898bi3c06u+oqokqZYi/6A3T2xs7/uvYjmg="}}');
INSERT INTO "credentials" VALUES('pre-key','29','{"private":{"type":"Buffer","data":"AOwD6P69ClDi0szA7C+oG6WWUm3PxM5FYEKLhzzAenY="},"public":{"type":"Buffer","data":"2V49YW5Ivy0li/9Ks9J+gmOAFd9enOWbxiN+upIUtiA="}}');
INSERT INTO "credentials" VALUES('pre-key','3','{"private":{"type":"Buffer","data":"CFiQVS5ww004x2FGT+KIqqrLZkBMklB0vQCKWKiTkUA="},"public":{"type":"Buffer","data":"PnXy/8gmm3krU4wQzdjgfqhf+SADDiZCxUt/f8072zo="}}');
INSERT INTO "credentials" VALUES('pre-key','30','{"private":{"type":"Buffer","data":"EGowbDclG6K2tv7HmIcmiITyDrKPxdi3UYrwIhHAIHc="},"public":{"type":"Buffer","data":"g1m2QfVMPams3fx3YFXLfxLCGB5aQpoOLmsqg0XORzM="}}');
INSERT INTO "credentials" VALUES('pre-key','31','{"private":{"type":"Buffer","data":"uEEFM1HQg1ns5e8Emj5feC1O6Q9xtligOhUDyLeawlk="},"public":{"type":"Buffer","data":"XCpnzIwb+wfAyVAZBvgtza8/7HdfSWm1s0JHbXx/l2g="}}');
INSERT INTO "credentials" VALUES('pre-key','32','{"private":{"type":"Buffer","data":"uEu8gzR+DiIyi7jNtGalC/Bq94BYXwPSq/lY3+QWFFg="},"public":{"type":"Buffer","data":"1I5945Pob6/uN0YAByVPkRA5w/38vh+Uj1IS9/LIuT4="}}');
INSERT INTO "credentials" VALUES('pre-key','33','{"private":{"type":"Buffer","data":"YFvL2WKY0gF82YBXIoGhq/3EBPzWcRnT/DhYWVLECn8="},"public":{"type":"Buffer","data":"GKkbUPDf9qLbTEkHS1rkabpqGeDs4AhL1wc61v2zLy4="}}');
INSERT INTO "credentials" VALUES('pre-key','34','{"private":{"type":"Buffer","data":"OFTN2CgYbSSiFCwLPmrxPi9DyIJMzCa0RwfoPAs8xEI="},"public":{"type":"Buffer","data":"C/4PpD/tboRPqkF/ikh8B7hqh6RfeV2hslQqVeMPjRU="}}');
INSERT INTO "credentials" VALUES('pre-key','35','{"private":{"type":"Buffer","data":"iJKZ1Wkdpnu10qDrsUsqkCECv116jkv1AZkoKLqnhH4="},"public":{"type":"Buffer","data":"jLuYBqv5FFAWrXPjcQkrF7BHf/V2zw7ceDBHjIhEHBs="}}');
INSERT INTO "credentials" VALUES('pre-key','36','{"private":{"type":"Buffer","data":"+GqvcO4sdw/1dg7EVYUdx1y9IZEQua16nQZhv9KvGV4="},"public":{"type":"Buffer","data":"O7yM128q3Vw1wEIzErcsDKVuViqOoD2L/EBnEQE4XB4="}}');
INSERT INTO "credentials" VALUES('pre-key','37','{"private":{"type":"Buffer","data":"MNeywE4lpeTwoPNbl0aZ0gwEXRrDHyi/Ip3TPD/UNVo="},"public":{"type":"Buffer","data":"YOKb3EknJEuMo9UzaFTuKnjHibYoCZ25fReCT4rPPic="}}');
INSERT INTO "credentials" VALUES('pre-key','38','{"private":{"type":"Buffer","data":"yIv27tOn6TU+Nw2OuFYgW4XOV13a6GZgre5Q7yE5yXA="},"public":{"type":"Buffer","data":"JmRUrNkpFgUfEizOuez+hZk6n2ptHqo1vr7Dy2s2Oi0="}}');
INSERT INTO "credentials" VALUES('pre-key','39','{"private":{"type":"Buffer","data":"aEcVdeO7cueXdK1TxUEuifnH7+huSZu1iOlyok/f1GU="},"public":{"type":"Buffer","data":"CIC0HujPSOSFRBdp0gdi2m95DfUpJkYHu2VTJT0I2Qg="}}');
INSERT INTO "credentials" VALUES('pre-key','4','{"private":{"type":"Buffer","data":"oFXIdIXPOZST/M4tGB7fa5iXbPo4VG0qn2PeYGp6Gkc="},"public":{"type":"Buffer","data":"R22f8XqJjw96swttPOBvZF3iAEUvuWLbE6exUUsbKXw="}}');
INSERT INTO "credentials" VALUES('pre-key','40','{"private":{"type":"Buffer","data":"KOHXFBwkGaR4w4nrLEDGc6AypmakX9XNm6Aw4IR5tkU="},"public":{"type":"Buffer","data":"EpMuzaunOPOq0QDOeIsYGK2rG6A47mX1urO67pK1Hns="}}');
INSERT INTO "credentials" VALUES('pre-key','5','{"private":{"type":"Buffer","data":"eJpCbVl+lx3YAhUcuP0dopdJReDk1M9tjJBeq5ZXRl0="},"public":{"type":"Buffer","data":"opsAD8xhhAOtwvMKOSWTVu3chP3Pu+GWRc9Q8Dbpe2o="}}');
INSERT INTO "credentials" VALUES('pre-key','6','{"private":{"type":"Buffer","data":"+P43l9IGP3Ubp+jO0BbvQS5YmFWiW0tdJWu/cqShx1g="},"public":{"type":"Buffer","data":"uHjuFy1zAncNHoHTwiJ9JVw0NV3tEqGI4kLSsvP8V0I="}}');
INSERT INTO "credentials" VALUES('pre-key','7','{"private":{"type":"Buffer","data":"EAfzDnfSRExvmYQn3INbBlz7/E+p7uvJe3/GevbAFFA="},"public":{"type":"Buffer","data":"KfMA5erZC8D4sYqj9QCg3HNCcNVg7ArjyJWqWA9TiyI="}}');
INSERT INTO "credentials" VALUES('pre-key','8','{"private":{"type":"Buffer","data":"SKp2j2E9adXLX28Oxhy5E/VjexuWUugQq2i3FG9f+lE="},"public":{"type":"Buffer","data":"nVd3UELxB2H24Zii/7nMw5ssCMZR3afnijF4fIJTsTQ="}}');
INSERT INTO "credentials" VALUES('pre-key','9','{"private":{"type":"Buffer","data":"IC0QI+TGy664l6eLB0fgTbqwKtPt8FMZasYkKy9VMkY="},"public":{"type":"Buffer","data":"4aWrxj03uCAeKcNfmO0CJG++Ps18tm2CUBMJO4XaORU="}}');
INSERT INTO "credentials" VALUES('session','909913313250243_1.0','{"_sessions":{"BRWqb2D58IZ/Sof6QhCIyUng6MDpFWN3rJlLYEubfWBc":{"registrationId":1,"currentRatchet":{"ephemeralKeyPair":{"pubKey":"BSw00BIsOPnBS3UcbGqWa5PgHgi381CokLe5ERacPVpt","privKey":"uBMiUrhW9JghimHx7njrymN7LYAeGy8yNcetl7gUXng="},"lastRemoteEphemeralKey":"BXmMBkYS6W9XTvdz5miNrjeFMqeCKF/QP70ptdaolO1e","previousCounter":0,"rootKey":"9chZ4v4J+qqJR3iD4wn+Pk1jHk7d08WbXBQlp9sYsj4="},"indexInfo":{"baseKey":"BRWqb2D58IZ/Sof6QhCIyUng6MDpFWN3rJlLYEubfWBc","baseKeyType":2,"closed":-1,"used":1796028654730,"created":1796028654730,"remoteIdentityKey":"BVtfJm54kX9Rb1kRhDlLGv/mjyl0zdVR5fwnH88ja+Uv"},"_chains":{"BXmMBkYS6W9XTvdz5miNrjeFMqeCKF/QP70ptdaolO1e":{"chainKey":{"counter":3,"key":"OYLHyOcA9eIAD4NJqGKk6iEb1BV0ZJImAEe9vVucV3I="},"chainType":2,"messageKeys":{}},"BSw00BIsOPnBS3UcbGqWa5PgHgi381CokLe5ERacPVpt":{"chainKey":{"counter":-1,"key":"70sLimIp9m9lei0/5geOvN/lbkYYaZKVKtKxQe4sC4Y="},"chainType":1,"messageKeys":{}}}}},"version":"v1"}');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY
  ) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('epoch',2.0);
INSERT INTO "facts" VALUES('opened',1.0);
CREATE TABLE received (
    number INTEGER PRIMARY KEY,
    chat TEXT NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (chat, id)
  ) STRICT;
INSERT INTO "received" VALUES(1,'4915112345678@s.whatsapp.net','sandbox-348d4de5990d');
INSERT INTO "received" VALUES(2,'4915112345678@s.whatsapp.net','sandbox-d3c87f307f67');
INSERT INTO "received" VALUES(3,'4915112345678@s.whatsapp.net','sandbox-f2881db68a2e');
INSERT INTO "received" VALUES(4,'4915112345678@s.whatsapp.net','sandbox-f81cf5efb573');
CREATE TABLE spool (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;
INSERT INTO "spool" VALUES(6,'{"event":"message_received","epoch":2,"id":"sandbox-f81cf5efb573","chat":"4915112345678@s.whatsapp.net","sender":"4915112345678@s.whatsapp.net","fromMe":false,"pushName":"Bo","sentAt":1796028670000,"kind":"text","text":"Message 3"}');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('spool',6);
COMMIT;
PRAGMA user_version = 2;
