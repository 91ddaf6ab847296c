"""Queries in every form that is read: each case is a function's body, and what is seen in it."""

from __future__ import annotations

EMAIL = "User; 0.email ="
CASES = [
    # How it begins.
    ("s.query(User).filter(User.email == name).first()", EMAIL + "; limit"),
    ("s.query(User.id, User.age).filter(User.email == name).all()", EMAIL),
    ("s.query(models.User).filter(models.User.email == name).all()", EMAIL),
    ("s.execute(select(User).where(User.email == name))", EMAIL),
    ("s.scalars(sa.select(User).filter(User.email == name)).all()", EMAIL),
    ("s.execute(select(User.id, User.age).where(User.email == name))", EMAIL),
    ("return User.query.filter(User.email == name).first()", EMAIL + "; limit"),
    ("return User.query.filter_by(email=name).all()", EMAIL),
    ("s.execute(select([User.id]).where(User.email == name))", EMAIL),
    ("return db.s.execute(db.select(User).filter_by(email=name))", EMAIL),
    ("s.execute(update(User).where(User.email == name).values(age=1))", EMAIL),
    ("s.execute(delete(User).where(User.email == name))", EMAIL),
    ("s.query(User).filter(User.email == name).update({})", EMAIL),
    ("s.query(User).filter(User.email == name).delete()", EMAIL),
    ("s.query(func.count(User.id)).filter(User.email == name).scalar()", EMAIL),
    ("s.scalar(select(func.count()).select_from(User).where(User.email == name))", EMAIL),
    ("s.scalar(select(func.count()).where(User.email == name))", EMAIL),
    ("s.execute(tags.select().where(tags.c.label == name))", "tags; 0.label ="),
    ("s.execute(select(tags).where(tags.c.label == name))", "tags; 0.label ="),
    ("s.execute(tags.delete().where(tags.c.label == name))", "tags; 0.label ="),
    ("s.execute(select(User.__table__).where(User.__table__.c.email == name))", EMAIL),
    ("s.query(exists().where(User.email == name)).scalar()", EMAIL),
    ("s.query(s.query(User).filter(User.email == name).exists()).scalar()", EMAIL),
    # What is compared, and how.
    ("s.query(User).filter(User.first == 'x').all()", "User; 0.first_name = ('x',)"),
    ("s.query(User).filter('x' == User.first).all()", "User; 0.first_name = ('x',)"),
    ("s.query(User).filter(User.age >= 3).all()", "User; 0.age < (3,)"),
    ("s.query(User).filter(User.age != 3).all()", "User; 0.age != (3,)"),
    ("s.query(User).filter(User.age.in_([1, 2])).all()", "User; 0.age in (1, 2)"),
    ("s.query(User).filter(User.age.in_(name)).all()", "User; 0.age in"),
    ("s.query(User).filter(User.age.notin_(name)).all()", "User; 0.age !="),
    ("s.query(User).filter(User.age.between(1, 2)).all()", "User; 0.age <"),
    ("s.query(User).filter(User.age == None).all()", "User; 0.age is null"),
    ("s.query(User).filter(User.age.isnot(None)).all()", "User; 0.age is not null"),
    ("s.query(User).filter(User.active).all()", "User; 0.active = (True,)"),
    ("s.query(User).filter(~User.active).all()", "User; 0.active = (False,)"),
    ("s.query(User).filter(User.active.is_(True)).all()", "User; 0.active is true"),
    ("s.query(User).filter(not_(User.age == 3)).all()", "User; 0.age !="),
    ("s.query(User).filter(func.lower(User.email) == name).all()", "User; 0.lower(email) ="),
    ("s.query(User).filter(User.email.like('a%')).all()", "User; 0.email prefix"),
    ("s.query(User).filter(User.email.ilike(f'%{name}')).all()", "User; -"),
    ("s.query(User).filter(User.mail == name).all()", EMAIL),
    ("s.query(User).filter(User.is_young).all()", "User; 0.age < (30,)"),
    ("s.query(User).filter(User.team == name).all()", "User; 0.team_id ="),
    # Columns of a table by their names, and one called as such columns are.
    ("s.execute(select(tags).where(tags.c['label'] == name))", "tags; 0.label ="),
    ("s.execute(select(tags).where(tags.c.c == name))", "tags; 0.c ="),
    ("s.query(User).filter(User.c == name).all()", "User; 0.c ="),
    ("s.query(User).filter(User.info['label'] == name).all()", "User; ?"),
    # Rows.
    ("s.execute(select(User).where(sa.tuple_(User.age, User.email).in_(name)))",
     "User; 0.age in; 0.email in"),
    ("s.execute(select(User).where(func.row(User.age, User.email) == (1, name)))",
     "User; 0.age = (1,); 0.email ="),
    ("s.execute(select(User).where(sa.tuple_(User.age, User.id) > (name, 1)))",
     "User; 0.age <"),
    ("s.execute(select(User).where(sa.tuple_(User.age, User.id).not_in(name)))", "User; -"),
    ("s.execute(select(User).where(sa.tuple_(User.age, User.none).in_(name)))", "User; ?"),
    # EXISTS, by a relationship.
    ("s.query(User).filter(User.team.has(Team.name == name)).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("s.query(User).filter(User.team.has(name=name), User.age == 1).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name =; 0.age = (1,)"),
    ("s.query(User).filter(~User.team.has(name=name), User.age == 1).all()",
     "User, Team; -; 0.age = (1,)"),
    ("s.query(User).filter(User.team.has()).all()", "User, Team; 0.team_id ~ 1.id"),
    ("s.query(User).filter(User.team.has(**kwargs)).all()", "User, Team; ?"),
    ("s.query(User).join(Team).filter(User.team.has(name=name)).all()",
     "User, Team; 0.team_id ~ 1.id; ?"),
    ("s.query(User).filter(User.team.has(name=name), User.team.has(id=1)).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name =; ?"),
    ("s.query(User).filter(User.friend.has(User.email == name)).all()", "User; ?"),
    ("s.query(User).filter(User.chosen.has(Team.name == name)).all()", "User; ?"),
    ("s.query(User).filter(User.favourites.any(Team.name == name)).all()", "User; ?"),
    ("s.query(User).filter(User.liked.any(Team.name == name)).all()", "User; ?"),
    ("s.query(User).filter(User.near.any(Team.name == name)).all()", "User; ?"),
    ("s.query(User).filter(User.far.any(Team.name == name)).all()", "User; ?"),
    ("s.query(User).filter_by(team=name, active=True).all()",
     "User; 0.team_id =; 0.active = (True,)"),
    ("s.query(User).filter(User.id.in_(select(Team.id).where(Team.name == name))).all()",
     "Team; 0.name = | User; 0.id in query"),
    # AND and OR.
    ("s.query(User).filter(and_(User.age == 1, User.id == 2)).all()",
     "User; 0.age = (1,); 0.id = (2,)"),
    ("s.query(User).filter((User.age == 1) & (User.id == 2)).all()",
     "User; 0.age = (1,); 0.id = (2,)"),
    ("s.query(User).filter(or_(User.age == 1, and_(User.id == 2, User.age > 3))).all()",
     "User; (0.age = (1,) | [0.id = (2,), 0.age < (3,)])"),
    ("s.query(User).filter((User.age == 1) | User.active).all()",
     "User; (0.age = (1,) | 0.active = (True,))"),
    ("s.query(User).filter((User.age == 1) | (User.id == 2) | (User.email == name)).all()",
     "User; (0.age = (1,) | 0.id = (2,) | 0.email =)"),
    # What is past, and the end of an order.
    ("s.query(User).filter(User.age < func.now()).all()", "User; 0.age until now"),
    ("s.query(User).filter(func.now() >= User.age).all()", "User; 0.age until now"),
    ("s.query(User).filter(User.age < now_utc() - name).all()", "User; 0.age until now"),
    ("s.query(User).filter(User.age < Clock.get_utc_now()).all()", "User; 0.age until now"),
    ("s.query(User).filter(User.age < nowhere()).all()", "User; 0.age <"),
    ("s.query(User).filter(User.age < now_utc()).delete()", "User; 0.age <"),
    ("s.query(User).filter(User.age > func.now()).all()", "User; 0.age <"),
    ("s.query(User).filter(User.age < func.now()).delete()", "User; 0.age <"),
    ("s.scalar(select(func.max(User.age)).where(User.email == name))",
     "User; 0.email =; 0.age is not null"),
    ("s.exec(select(User).where(col(User.email) == name))", EMAIL),
    # Built over several statements.
    ("""
     q = s.query(User)
     q = q.filter(User.email == name)
     if name:
         q = q.filter(User.age == 3)
     return q.all()
     """, "User; 0.email =; ?0.age = (3,)"),
    ("""
     conditions = [User.email == name]
     if name:
         conditions.append(User.age == 3)
     conditions += [User.id > 10]
     return s.scalars(select(User).where(*conditions))
     """, "User; 0.email =; ?0.age = (3,); 0.id < (10,)"),
    ("""
     conditions = [User.email == name]
     conditions.extend([User.age == 3])
     return s.scalars(select(User).where(and_(*conditions)))
     """, "User; 0.email =; 0.age = (3,)"),
    ("""
     if name:
         statement = select(User).where(User.email == name)
     else:
         statement = select(User).where(User.age == 3)
     return s.scalars(statement.order_by(User.id).limit(3))
     """, "User; 0.email =; order 0.id; limit | User; 0.age = (3,); order 0.id; limit"),
    ("""
     condition = User.email == name
     condition &= User.age == 3
     for user in s.query(User).filter(condition):
         print(user)
     """, "User; 0.email =; 0.age = (3,)"),
    ("""
     with s.begin():
         try:
             return [u.id for u in s.query(User).filter(User.email == name)]
         except ValueError:
             pass
     """, EMAIL),
    ("""
     def inner():
         return s.query(User).filter(User.email == name).one()
     return inner()
     """, EMAIL),
    ("""
     query = s.query(User).filter(User.email == name) if name else s.query(User)
     return query.all()
     """, EMAIL),
    ("""
     match name:
         case "a":
             query = s.query(User).filter(User.email == name)
         case _:
             query = s.query(User).filter(User.age == 2)
     return query.all()
     """, "User; 0.email = | User; 0.age = (2,)"),
    # Joins and aliases.
    ("s.query(User).join(Team).filter(Team.name == name).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("s.query(User).join(User.team).filter(Team.name == name).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("s.query(User).join(Team, User.team_id == Team.id).filter_by(name=name).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("s.query(User).outerjoin(Team, Team.id == User.team_id).filter(User.age == 1).all()",
     "User, Team; 1.id ~ 0.team_id; 0.age = (1,)"),
    ("s.query(User).filter(User.team_id == Team.id, Team.name == name).all()",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("""
     other = aliased(User)
     query = s.query(User).join(other, other.age == User.age)
     return query.filter(other.email == name).all()
     """, "User, User; 1.age ~ 0.age; 1.email ="),
    ("s.query(User).order_by(User.age.desc(), User.id).limit(3).all()",
     "User; order 0.age; order 0.id; limit"),
    ("s.query(User).filter(User.email == name).order_by(User.age)[0]",
     EMAIL + "; order 0.age; limit"),
    ("return s.query(User).filter(User.email == name)[:10]", EMAIL + "; limit"),
    ("return s.query(User).filter(User.email == name).order_by(User.age)[:9]",
     EMAIL + "; order ?; limit"),
    ("return select(User).where(User.email == name).union(select(User).where(User.id == 1))",
     "User; 0.id = (1,) | User; 0.email ="),
    ("s.execute(select(User).join_from(User, Team).where(Team.name == name))",
     "User, Team; 0.team_id ~ 1.id; 1.name ="),
    ("s.execute(select(User).select_from(Team).join(User).where(Team.name == name))",
     "Team, User; 1.team_id ~ 0.id; 0.name ="),
    ("s.execute(update(User).filter_by(email=name).values(age=1))", EMAIL),
    ("filters = {'email': name}\nreturn s.query(User).filter_by(**filters).all()", EMAIL),
    ("s.execute(select(User).where(select(Team).where(Team.name == name).exists()))",
     "Team; 0.name = | User; ?"),
    ("""
     users = User.__table__.alias()
     s.execute(select(users).where(users.c.email == name))
     """, EMAIL),
    ("""
     query = s.query(User)
     for each in name:
         query = query.filter(User.email == each)
     return query.all()
     """, "User; ?0.email ="),
    # What is not known.
    ("s.query(User).filter_by(**kwargs).all()", "User; ?"),
    ("s.query(User).filter(name).all()", "User; ?"),
    ("s.query(User).filter(*name).all()", "User; ?"),
    ("s.query(User).filter(getattr(User, name) == 1).all()", "User; ?"),
    ("s.query(User).filter(User.email == name).special().all()", ""),
    ("s.query(User).filter(User.unheard == name).all()", "User; ?"),
    ("s.query(User).filter(User.age == 1).order_by(name).all()",
     "User; 0.age = (1,); order ?"),
    ("s.query(User).filter(User.email == name)", ""),  # it is not run here
    ("return other(s.query(User).filter(User.email == name))", ""),
    ("return paginate(s, s.query(User).filter(User.email == name))", EMAIL),
]  # fmt: skip
